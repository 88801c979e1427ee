/// A framework or format for import and export.
package enum ForeignProgram: Sendable, CaseIterable {
  /// `keras.layers`.
  case keras
  /// `torch.nn`.
  case pytorch
  /// The operators of ONNX.
  case onnx
}

/// The equivalent of a cell in another program.
package struct ForeignCell: Sendable {
  /// The layer, module or operator, such as `LSTM`.
  package let name: String
  /// The gates in that program's order, as letters of ``CellType/gates``.
  package let gates: String
  /// Gates that are 1 − g of Weft's g: σ(−x) = 1 − σ(x), so their weights and biases change sign.
  package var complements: Set<Character> = []
  /// Arguments that distinguish it from other cells with the same name.
  package var settings: [String: Value] = [:]
  /// Whether ``settings`` are that program's defaults.
  package var isDefault = true
  /// Parameters in addition to weights and biases.
  package var parameters: [Parameter] = []

  /// The value of an argument.
  package enum Value: Sendable, Hashable {
    case text(String)
    case flag(Bool)
  }

  /// A parameter in addition to weights and biases.
  package struct Parameter: Sendable {
    /// The name in Weft's checkpoints.
    package let name: String
    /// The name in the other program.
    package let foreignName: String
    /// Its gates in the other program; nil for a matrix without gates.
    package var gates: String?
    /// Its gates in Weft.
    package var ownGates: String?
  }
}
