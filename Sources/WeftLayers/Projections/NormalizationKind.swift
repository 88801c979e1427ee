import WeftConfiguration

/// Normalization of features.
public enum NormalizationKind: String, CaseIterable, Codable, Sendable, ConfigurationChoice {
  /// Over the features of each position.
  case layer
  /// Over the positions of a minibatch's lanes in training, by moving averages otherwise.
  case batch

  /// ε where nothing else is told.
  package static let standardEpsilon: Float = 1e-5
}
