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

  /// Sets the defaults that depend on other keys.
  ///
  /// - Parameter given: The paths of the keys that a document or an override has set.
  mutating func setDefaults(given: Set<String>)
}

extension ConfigurationRoot {
  package mutating func setDefaults(given: Set<String>) {}
}

/// A constraint of one key on others.
package struct ConfigurationRule<Root>: Sendable {
  /// The key named in the error.
  package let path: String
  /// The error message, printed after the path; nil if the constraint is met.
  package let complaint: @Sendable (Root) -> String?

  package init(_ path: String, _ complaint: String, when isBroken: @escaping @Sendable (Root) -> Bool) {
    self.init(path) { isBroken($0) ? complaint : nil }
  }

  /// A constraint whose error message depends on the values.
  package init(_ path: String, complaint: @escaping @Sendable (Root) -> String?) {
    self.path = path
    self.complaint = complaint
  }
}
