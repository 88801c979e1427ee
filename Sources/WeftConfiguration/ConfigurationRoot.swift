/// A complete configuration: its keys, and the constraints between them.
package protocol ConfigurationRoot: Sendable {
  /// The defaults.
  init()

  /// All keys, in the order in which they are written and documented.
  static var keys: [ConfigurationKey<Self>] { get }

  /// Constraints between keys; the first violation is reported.
  static var rules: [ConfigurationRule<Self>] { get }

  /// Constraints that apply only to documents, checked before ``rules``.
  static var documentRules: [ConfigurationRule<Self>] { get }
}

/// A constraint of one key on others.
package struct ConfigurationRule<Root>: Sendable {
  /// The key named in the error.
  package let path: String
  /// The error message, printed after the path.
  package let complaint: String
  package let isBroken: @Sendable (Root) -> Bool

  package init(_ path: String, _ complaint: String, when isBroken: @escaping @Sendable (Root) -> Bool) {
    self.path = path
    self.complaint = complaint
    self.isBroken = isBroken
  }
}
