import Yams

/// One key of a configuration section: the property it sets, the values it allows and its description.
///
/// The default is the property's initial value. The reference page is generated from these keys; the doc comment of a
/// property is the beginning of its key's description, which a test checks.
package struct ConfigurationKey<Section: Sendable>: Sendable {
  /// The dotted path within the section, such as `hidden`; in the whole configuration, `model.hidden`.
  package let path: String
  /// Description of the allowed values.
  package let allowed: String
  /// Description of the key.
  package let documentation: String
  /// Whether a file without this key is an error.
  package let isRequired: Bool
  /// Whether the key affects the trained weights, rather than only speed or logging.
  package let changesResult: Bool
  /// The path of a key that replaces this one, so that the two cannot be combined; nil if there is none.
  package private(set) var replacement: String?

  package let read: @Sendable (Node, inout Section) throws(ConfigurationValueProblem) -> Void
  /// The value as YAML on one line; nil when the key is not set.
  package let text: @Sendable (Section) -> String?

  /// A key that allows every value of its type.
  package init<Value: ConfigurationValue>(
    _ path: String, _ property: WritableKeyPath<Section, Value> & Sendable, required: Bool = false,
    changesResult: Bool = true, _ documentation: String
  ) {
    self.init(
      path, property, allowed: Value.expectation, required: required, changesResult: changesResult,
      documentation
    ) { _ in nil }
  }

  /// A key that allows values within limits.
  package init<Value: ConfigurationValue & Comparable>(
    _ path: String, _ property: WritableKeyPath<Section, Value> & Sendable, _ limits: Limits<Value>,
    required: Bool = false, changesResult: Bool = true, _ documentation: String
  ) {
    self.init(
      path, property, allowed: "\(Value.expectation), \(limits)", required: required,
      changesResult: changesResult, documentation
    ) { value in limits.contains(value) ? nil : "must be \(limits)" }
  }

  /// An optional key that allows values within limits.
  package init<Value: ConfigurationValue & Comparable>(
    _ path: String, _ property: WritableKeyPath<Section, Value?> & Sendable, _ limits: Limits<Value>,
    changesResult: Bool = true, _ documentation: String
  ) {
    self.init(
      path, property, allowed: "\(Value.expectation), \(limits)", required: false,
      changesResult: changesResult, documentation
    ) { value in value.map(limits.contains) ?? true ? nil : "must be \(limits)" }
  }

  /// An optional key of a number of which 0 stands for "off", as does a key that is not set.
  ///
  /// - Parameter off: What applies then, for the reference.
  package init<Value: ConfigurationValue & Comparable & Numeric>(
    offAtZero path: String, _ property: WritableKeyPath<Section, Value?> & Sendable, _ limits: Limits<Value>,
    off: String, changesResult: Bool = true, _ documentation: String
  ) {
    let key = ConfigurationKey(
      path, property, limits, changesResult: changesResult, "\(documentation) (default, and with 0: \(off))")
    self.init(
      path: path, allowed: key.allowed, documentation: key.documentation, isRequired: false,
      changesResult: changesResult,
      read: { (node, section) throws(ConfigurationValueProblem) in
        try key.read(node, &section)
        if section[keyPath: property] == 0 { section[keyPath: property] = nil }
      }, text: key.text)
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
    replacement: String? = nil,
    read: @escaping @Sendable (Node, inout Section) throws(ConfigurationValueProblem) -> Void,
    text: @escaping @Sendable (Section) -> String?
  ) {
    self.path = path
    self.allowed = allowed
    self.documentation = documentation
    self.isRequired = isRequired
    self.changesResult = changesResult
    self.replacement = replacement
    self.read = read
    self.text = text
  }

  /// The same key, not allowed and not required where another one is set.
  ///
  /// - Parameters:
  ///   - other: The path of the other key.
  ///   - isSet: Whether a section sets it.
  package func replaced(by other: String, when isSet: @escaping @Sendable (Section) -> Bool) -> Self {
    let text = text
    return ConfigurationKey(
      path: path, allowed: allowed, documentation: documentation, isRequired: isRequired,
      changesResult: changesResult, replacement: other, read: read,
      text: { isSet($0) ? nil : text($0) })
  }

  /// The same key in a configuration that contains the section.
  ///
  /// - Parameters:
  ///   - name: Name of the section.
  ///   - part: Property of the section.
  package func placed<Whole: Sendable>(
    in name: String, _ part: WritableKeyPath<Whole, Section> & Sendable
  ) -> ConfigurationKey<Whole> {
    let (read, text) = (read, text)
    return ConfigurationKey<Whole>(
      path: "\(name).\(path)", allowed: allowed, documentation: documentation, isRequired: isRequired,
      changesResult: changesResult, replacement: replacement.map { "\(name).\($0)" },
      read: { (node, whole) throws(ConfigurationValueProblem) in try read(node, &whole[keyPath: part]) },
      text: { text($0[keyPath: part]) })
  }
}
