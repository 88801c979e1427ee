import KernelInterface
import WeftTensor

/// A row parameter (bias, gain) with each gate padded to whole vectors, as kernels add it to activations.
package struct PaddedRow: Sendable {
  package let parameter: Parameter
  /// The parameter's columns that this row holds.
  package let columns: Range<Int>
  /// Columns of one gate.
  package let width: Int
  private let storage: Tensor

  /// - Parameter columns: Whole gates of the parameter; nil means all.
  package init(_ parameter: Parameter, width: Int, columns: Range<Int>? = nil) {
    precondition(parameter.rows == 1)
    self.parameter = parameter
    self.width = width
    self.columns = columns ?? 0..<parameter.columns
    storage = Tensor(rows: 1, columns: self.columns.count / width * VectorWidth.padded(width))
  }

  /// This row's part of its parameter inside a flat array `[1, n]`.
  package func view(in flat: Matrix) -> Matrix { parameter.matrix(in: flat).columns(columns) }

  /// `[1, gates × padded(width)]`, current after `pack`.
  package var row: Matrix { storage.matrix }

  /// Copies the parameter's values.
  package func pack(_ engine: Engine, parameters: Matrix) {
    engine.kernels.padGates(view(in: parameters), width: width, into: row)
  }

  /// The gradient source of this row as a bias: the sum of the gradient of the result, here over the gates in `gates`.
  package func operand(gates: Range<Int>, _ shard: Shard) -> (operand: OuterOperand, outputs: [Matrix]) {
    (
      .ones,
      shard.gradients.map { view(in: $0).columns(gates.lowerBound * width..<gates.upperBound * width) }
    )
  }
}
