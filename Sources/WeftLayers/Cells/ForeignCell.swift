/// A program that trained networks are exchanged with.
package enum ForeignProgram: Sendable, CaseIterable {
  /// `keras.layers`.
  case keras
  /// `torch.nn`.
  case pytorch
  /// The operators of ONNX.
  case onnx
}

/// A cell as another program has it.
package struct ForeignCell: Sendable {
  /// The layer, module or operator, such as `LSTM`.
  package let name: String
  /// The gates in that program's order, in the letters of ``CellType/gates``.
  package let gates: String
  /// Gates that are 1 − g where Weft has g: σ(−x) = 1 − σ(x), so their weights and biases change sign.
  package var complements: Set<Character> = []
  /// Arguments that distinguish it from other cells of the same name.
  package var settings: [String: Value] = [:]
  /// Whether these are that program's defaults.
  package var isDefault = true
  /// Parameters beside weights and biases.
  package var parameters: [Parameter] = []

  /// The value of an argument.
  package enum Value: Sendable, Hashable {
    case text(String)
    case flag(Bool)
  }

  /// A parameter that few cells have.
  package struct Parameter: Sendable {
    /// Weft's name, as in checkpoints.
    package let name: String
    /// The other program's.
    package let foreignName: String
    /// Its gates there; nil for a matrix without gates.
    package var gates: String?
    /// Its gates in Weft.
    package var ownGates: String?
  }
}
