import Yams

/// The values that a search tries for each key of a configuration.
package struct ParameterSpace: Equatable, Sendable {
  /// The values of a key.
  package enum Values: Equatable, Sendable {
    /// One of these, as YAML on one line.
    case choices([String])
    /// A number in a range.
    case range(from: Double, to: Double, isLogarithmic: Bool, isInteger: Bool)
  }

  /// Keys with their values, in the order of the document.
  package private(set) var keys: [(path: String, values: Values)] = []

  package init() {}

  package static func == (first: Self, second: Self) -> Bool {
    first.keys.elementsEqual(second.keys) { $0 == $1 }
  }
}

extension ParameterSpace: ConfigurationValue {
  package static var expectation: String { "a mapping of keys to lists of values or ranges" }

  package init(configurationNode node: Node) throws(ConfigurationValueProblem) {
    guard case .mapping(let mapping) = node else {
      throw ConfigurationValueProblem("expected \(Self.expectation)")
    }
    for (key, value) in mapping {
      guard let path = key.scalar?.string else { throw ConfigurationValueProblem("expected a key") }
      do { keys.append((path, try Self.values(value))) } catch {
        throw ConfigurationValueProblem("\(path): \(error.text)")
      }
    }
  }

  private static func values(_ node: Node) throws(ConfigurationValueProblem) -> Values {
    switch node {
    case .sequence(let sequence) where sequence.count > 0:
      return .choices(
        try sequence.map { element throws(ConfigurationValueProblem) in try text(of: element) })
    case .mapping(let mapping):
      var (from, to): (Double?, Double?)
      var (isLogarithmic, isInteger) = (false, true)
      for (key, value) in mapping {
        switch key.scalar?.string {
        case "from":
          from = try Double(configurationNode: value)
          isInteger = isInteger && value.scalar.map { Int($0.string) != nil } ?? false
        case "to":
          to = try Double(configurationNode: value)
          isInteger = isInteger && value.scalar.map { Int($0.string) != nil } ?? false
        case "scale":
          guard let scale = value.scalar?.string, ["linear", "log"].contains(scale) else {
            throw ConfigurationValueProblem("scale must be 'linear' or 'log'")
          }
          isLogarithmic = scale == "log"
        default:
          throw ConfigurationValueProblem(
            "unknown key '\(key.scalar?.string ?? "")'; a range has from, to and scale")
        }
      }
      guard let from, let to, from.isFinite, to.isFinite, from < to else {
        throw ConfigurationValueProblem("a range needs 'from' below 'to'")
      }
      if isLogarithmic, from <= 0 {
        throw ConfigurationValueProblem("a logarithmic range must start above 0")
      }
      return .range(from: from, to: to, isLogarithmic: isLogarithmic, isInteger: isInteger)
    default:
      throw ConfigurationValueProblem("expected a list of values, or a range {from: …, to: …}")
    }
  }

  /// A value as YAML on one line.
  private static func text(of node: Node) throws(ConfigurationValueProblem) -> String {
    switch node {
    case .scalar(let scalar):
      return scalar.style == .plain ? scalar.string : scalar.string.configurationText ?? "''"
    case .sequence(let sequence):
      let parts = try sequence.map { element throws(ConfigurationValueProblem) in try text(of: element) }
      return "[\(parts.joined(separator: ", "))]"
    case .mapping(let mapping):
      let parts = try mapping.map { key, value throws(ConfigurationValueProblem) in
        "\(try text(of: key)): \(try text(of: value))"
      }
      return "{\(parts.joined(separator: ", "))}"
    case .alias: throw ConfigurationValueProblem("expected a value, found an alias")
    }
  }

  package var configurationText: String? {
    let parts = keys.map { path, values in
      switch values {
      case .choices(let choices): "\(path): [\(choices.joined(separator: ", "))]"
      case .range(let from, let to, let isLogarithmic, let isInteger):
        "\(path): {from: \(isInteger ? "\(Int(from))" : "\(from)"), to: \(isInteger ? "\(Int(to))" : "\(to)")"
          + (isLogarithmic ? ", scale: log}" : "}")
      }
    }
    return parts.isEmpty ? nil : "{\(parts.joined(separator: ", "))}"
  }
}
