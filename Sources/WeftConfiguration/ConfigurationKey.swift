import Yams

/// One key of a section of the configuration: where its value is kept, what it may be, and what it means.
///
/// The default is the property's initial value; all else about a key is stated here alone, and the reference page is
/// made from it.
package struct ConfigurationKey<Section: Sendable>: Sendable {
  /// The dotted path within the section, such as `hidden`; from the outermost one on `model.hidden`.
  package let path: String
  /// The values allowed, for people.
  package let allowed: String
  /// What the key means, for people.
  package let documentation: String
  /// A file without this key is refused.
  package let isRequired: Bool
  /// False for keys that change what is recorded or how fast, but not what is learned.
  package let changesResult: Bool

  package let read: @Sendable (Node, inout Section) throws(ConfigurationValueProblem) -> Void
  /// The value as YAML on one line; nil when the key is not set.
  package let text: @Sendable (Section) -> String?

  /// A key that takes every value of its type.
  package init<Value: ConfigurationValue>(
    _ path: String, _ property: WritableKeyPath<Section, Value> & Sendable, required: Bool = false,
    changesResult: Bool = true, _ documentation: String
  ) {
    self.init(
      path, property, allowed: Value.expectation, required: required, changesResult: changesResult,
      documentation
    ) { _ in nil }
  }

  /// A key that takes values within limits.
  package init<Value: ConfigurationValue & Comparable>(
    _ path: String, _ property: WritableKeyPath<Section, Value> & Sendable, _ limits: Limits<Value>,
    required: Bool = false, changesResult: Bool = true, _ documentation: String
  ) {
    self.init(
      path, property, allowed: "\(Value.expectation), \(limits)", required: required,
      changesResult: changesResult, documentation
    ) { value in limits.contains(value) ? nil : "must be \(limits)" }
  }

  /// A key that may be left out and takes values within limits.
  package init<Value: ConfigurationValue & Comparable>(
    _ path: String, _ property: WritableKeyPath<Section, Value?> & Sendable, _ limits: Limits<Value>,
    changesResult: Bool = true, _ documentation: String
  ) {
    self.init(
      path, property, allowed: "\(Value.expectation), \(limits)", required: false,
      changesResult: changesResult, documentation
    ) { value in value.map(limits.contains) ?? true ? nil : "must be \(limits)" }
  }

  private init<Value: ConfigurationValue>(
    _ path: String, _ property: WritableKeyPath<Section, Value> & Sendable, allowed: String,
    required: Bool, changesResult: Bool, _ documentation: String,
    complaint: @escaping @Sendable (Value) -> String?
  ) {
    self.path = path
    self.allowed = allowed
    self.documentation = documentation
    self.isRequired = required
    self.changesResult = changesResult
    self.read = { (node, configuration) throws(ConfigurationValueProblem) in
      let value = try Value(configurationNode: node)
      if let complaint = complaint(value) {
        let found = value.configurationText.map(short) ?? "nothing"
        throw ConfigurationValueProblem("\(complaint), found \(found)")
      }
      configuration[keyPath: property] = value
    }
    self.text = { $0[keyPath: property].configurationText }
  }

  private init(
    path: String, allowed: String, documentation: String, isRequired: Bool, changesResult: Bool,
    read: @escaping @Sendable (Node, inout Section) throws(ConfigurationValueProblem) -> Void,
    text: @escaping @Sendable (Section) -> String?
  ) {
    self.path = path
    self.allowed = allowed
    self.documentation = documentation
    self.isRequired = isRequired
    self.changesResult = changesResult
    self.read = read
    self.text = text
  }

  /// The same key of a whole that has the section as a part.
  ///
  /// - Parameters:
  ///   - name: What the section is called there.
  ///   - part: Where it is kept.
  package func placed<Whole: Sendable>(
    in name: String, _ part: WritableKeyPath<Whole, Section> & Sendable
  ) -> ConfigurationKey<Whole> {
    let (read, text) = (read, text)
    return ConfigurationKey<Whole>(
      path: "\(name).\(path)", allowed: allowed, documentation: documentation, isRequired: isRequired,
      changesResult: changesResult,
      read: { (node, whole) throws(ConfigurationValueProblem) in try read(node, &whole[keyPath: part]) },
      text: { text($0[keyPath: part]) })
  }
}
