import Yams

/// Factors by name, such as `{embedding: 0.1, layer0: 0.5}`.
public struct NamedFactors: Equatable, Sendable {
  /// A name and its factor.
  public struct Entry: Equatable, Sendable {
    /// The name.
    public var name: String
    /// The factor.
    public var factor: Double

    /// A name and its factor.
    public init(name: String, factor: Double) {
      self.name = name
      self.factor = factor
    }
  }

  /// The factors in the order of the configuration.
  public var entries: [Entry]

  /// Factors by name.
  public init(_ entries: [Entry] = []) { self.entries = entries }
}

extension NamedFactors: ConfigurationValue {
  package static var expectation: String { "a mapping of names to numbers" }

  package init(configurationNode node: Node) throws(ConfigurationValueProblem) {
    entries = []
    if node.isNull { return }
    guard case .mapping(let mapping) = node else {
      throw ConfigurationValueProblem("expected \(Self.expectation)")
    }
    for (key, value) in mapping {
      guard let name = key.scalar?.string, let factor = try? Double(configurationNode: value),
        factor.isFinite,
        factor >= 0
      else {
        throw ConfigurationValueProblem("expected a number of at least 0 for each name")
      }
      entries.append(Entry(name: name, factor: factor))
    }
  }

  package var configurationText: String? {
    let parts = entries.compactMap { entry in
      entry.factor.configurationText.flatMap { factor in
        entry.name.configurationText.map { "\($0): \(factor)" }
      }
    }
    return parts.isEmpty ? nil : "{\(parts.joined(separator: ", "))}"
  }
}
