import WeftConfiguration

/// Initialization of token embeddings.
public enum EmbeddingInitialization: String, CaseIterable, Codable, Sendable, ConfigurationChoice {
  /// Normal with variance 1 / size, so that a row has a norm of about 1.
  case scaled
  /// Normal with variance 1, as PyTorch's `nn.Embedding`.
  case normal
  /// Uniform in ±0.05, as Keras's `Embedding`.
  case uniform

  func values(size: Int) -> InitialValues {
    switch self {
    case .scaled: .normal(standardDeviation: 1 / Float(size).squareRoot())
    case .normal: .normal(standardDeviation: 1)
    case .uniform: .uniform(from: -0.05, to: 0.05)
    }
  }
}
