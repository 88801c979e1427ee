/// A whole configuration: sections with their keys, and the rules that keys must meet together.
package protocol ConfigurationRoot: Sendable {
  /// The defaults.
  init()

  /// All keys, in the order in which they are written and documented.
  static var keys: [ConfigurationKey<Self>] { get }

  /// Constraints between keys; the first one broken is the error.
  static var rules: [ConfigurationRule<Self>] { get }

  /// Constraints on documents alone, checked before the others.
  static var documentRules: [ConfigurationRule<Self>] { get }
}

/// A constraint of one key on others.
package struct ConfigurationRule<Root>: Sendable {
  /// The key to blame.
  package let path: String
  /// What is wrong, after the key's path.
  package let complaint: String
  package let isBroken: @Sendable (Root) -> Bool

  package init(_ path: String, _ complaint: String, when isBroken: @escaping @Sendable (Root) -> Bool) {
    self.path = path
    self.complaint = complaint
    self.isBroken = isBroken
  }
}
