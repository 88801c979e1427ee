import Yams

/// Weights of classes or of positive targets.
public enum LossWeights: Equatable, Sendable {
  /// Inversely proportional to how often each occurs in the training split.
  case balanced
  /// Given weights.
  case values([Double])

  /// The given weights; nil if they follow from the data.
  package var values: [Double]? { if case .values(let values) = self { values } else { nil } }
}

extension LossWeights: ConfigurationValue {
  package static var expectation: String { "'balanced', a number, or a list of numbers" }

  package init(configurationNode node: Node) throws(ConfigurationValueProblem) {
    if case .scalar(let scalar) = node, scalar.string == "balanced" {
      self = .balanced
      return
    }
    guard let values = try? [Double](configurationNode: node), !values.isEmpty else {
      throw ConfigurationValueProblem("expected \(Self.expectation)")
    }
    guard values.allSatisfy({ $0.isFinite && $0 >= 0 }) else {
      throw ConfigurationValueProblem("weights must be at least 0")
    }
    guard values.contains(where: { $0 > 0 }) else {
      throw ConfigurationValueProblem("at least one weight must be above 0")
    }
    self = .values(values)
  }

  package var configurationText: String? {
    switch self {
    case .balanced: "balanced"
    case .values(let values): values.configurationText
    }
  }
}
