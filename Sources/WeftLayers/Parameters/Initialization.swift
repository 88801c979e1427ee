import WeftConfiguration

/// How weights begin.
public enum Initialization: String, CaseIterable, Codable, Sendable, ConfigurationChoice {
  /// A random orthogonal matrix.
  case orthogonal
  /// Uniform with variance 2 / (fan-in + fan-out).
  case glorot
  /// Normal with variance 2 / fan-in.
  case he
}

extension Initialization {
  /// For a matrix of `gates` gates side by side.
  package func values(gates: Int) -> InitialValues {
    switch self {
    case .orthogonal: .orthogonal(gates: gates)
    case .glorot: .glorot(gates: gates)
    case .he: .he
    }
  }
}
