import Yams

/// One key of the configuration: where its value is kept, what it may be, and what it means.
///
/// The default is the property's initial value; the rest of what is known of a key is said here alone.
struct ConfigurationKey: Sendable {
  /// The dotted path, such as `model.hidden`.
  let path: String
  /// The values allowed, for people.
  let allowed: String
  /// What the key means, for people.
  let documentation: String
  /// A file without this key is refused.
  let isRequired: Bool
  /// False for keys that change what is recorded or how fast, but not what is learned.
  let changesResult: Bool

  let read: @Sendable (Node, inout Configuration) throws(ConfigurationValueProblem) -> Void
  /// The value as YAML on one line; nil when the key is not set.
  let text: @Sendable (Configuration) -> String?

  /// A key that takes every value of its type.
  init<Value: ConfigurationValue>(
    _ path: String, _ property: WritableKeyPath<Configuration, Value> & Sendable, required: Bool = false,
    changesResult: Bool = true, _ documentation: String
  ) {
    self.init(
      path, property, allowed: Value.expectation, required: required, changesResult: changesResult,
      documentation
    ) { _ in nil }
  }

  /// A key that takes values within limits.
  init<Value: ConfigurationValue & Comparable>(
    _ path: String, _ property: WritableKeyPath<Configuration, Value> & Sendable, _ limits: Limits<Value>,
    required: Bool = false, changesResult: Bool = true, _ documentation: String
  ) {
    self.init(
      path, property, allowed: "\(Value.expectation), \(limits)", required: required,
      changesResult: changesResult, documentation
    ) { value in limits.contains(value) ? nil : "must be \(limits)" }
  }

  /// A key that may be left out and takes values within limits.
  init<Value: ConfigurationValue & Comparable>(
    _ path: String, _ property: WritableKeyPath<Configuration, Value?> & Sendable, _ limits: Limits<Value>,
    changesResult: Bool = true, _ documentation: String
  ) {
    self.init(
      path, property, allowed: "\(Value.expectation), \(limits)", required: false,
      changesResult: changesResult, documentation
    ) { value in value.map(limits.contains) ?? true ? nil : "must be \(limits)" }
  }

  private init<Value: ConfigurationValue>(
    _ path: String, _ property: WritableKeyPath<Configuration, Value> & Sendable, allowed: String,
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
}

/// A number without the fraction that Swift gives to whole ones.
private func short(_ number: some Sendable) -> String {
  let text = "\(number)"
  return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}

/// The interval a number must lie in.
struct Limits<Value: Comparable & Sendable>: Sendable, CustomStringConvertible {
  let description: String
  let contains: @Sendable (Value) -> Bool

  static func atLeast(_ minimum: Value) -> Limits {
    Limits(description: "at least \(short(minimum))") { $0 >= minimum }
  }

  static func above(_ bound: Value) -> Limits {
    Limits(description: "above \(short(bound))") { $0 > bound }
  }

  static func from(_ minimum: Value, atMost maximum: Value) -> Limits {
    Limits(description: "at least \(short(minimum)) and at most \(short(maximum))") {
      $0 >= minimum && $0 <= maximum
    }
  }

  static func from(_ minimum: Value, below bound: Value) -> Limits {
    Limits(description: "at least \(short(minimum)) and below \(short(bound))") {
      $0 >= minimum && $0 < bound
    }
  }

  static func above(_ bound: Value, atMost maximum: Value) -> Limits {
    Limits(description: "above \(short(bound)) and at most \(short(maximum))") {
      $0 > bound && $0 <= maximum
    }
  }
}
