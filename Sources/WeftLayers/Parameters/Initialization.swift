import WeftConfiguration

/// Weight initialization scheme.
public enum Initialization: String, CaseIterable, Codable, Sendable, ConfigurationChoice {
  /// A random orthogonal matrix.
  case orthogonal
  /// Uniform with variance 2 / (fan-in + fan-out).
  case glorot
  /// Normal with variance 2 / fan-in.
  case he
  /// PyTorch's: uniform in ±1/√units for recurrent layers, and in ±1/√fan-in elsewhere.
  case pytorch
}

extension Initialization {
  /// The initialization of a matrix with the columns of `gates` gates.
  ///
  /// - Parameter isOfCell: Whether its columns are the units of a recurrent layer.
  package func values(gates: Int, isOfCell: Bool = false) -> InitialValues {
    switch self {
    case .orthogonal: .orthogonal(gates: gates)
    case .glorot: .glorot(gates: gates)
    case .he: .he
    case .pytorch: isOfCell ? .inverseUnits(gates: gates) : .inverseInputs
    }
  }
}
