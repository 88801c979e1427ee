import WeftConfiguration

/// Weight initialization scheme.
public enum Initialization: String, CaseIterable, Codable, Sendable, ConfigurationChoice {
  /// A random orthogonal matrix.
  case orthogonal
  /// Uniform with variance 2 / (fan-in + fan-out).
  case glorot
  /// Normal with variance 2 / fan-in.
  case he
}

extension Initialization {
  /// The initialization of a matrix with the columns of `gates` gates.
  package func values(gates: Int) -> InitialValues {
    switch self {
    case .orthogonal: .orthogonal(gates: gates)
    case .glorot: .glorot(gates: gates)
    case .he: .he
    }
  }
}
