import KernelInterface

/// A row parameter (bias, gain) with each gate padded to whole panels, as kernels add it to activations.
package struct PaddedRow: Sendable {
  package let parameter: Parameter
  /// Columns of one gate.
  package let width: Int
  private let packed: PackedMatrix
  private let storage: Tensor

  package init(_ parameter: Parameter, width: Int) {
    precondition(parameter.rows == 1)
    self.parameter = parameter
    self.width = width
    let columns = parameter.columns / width * PackedMatrix.padded(width)
    storage = Tensor(rows: 1, columns: columns)
    packed = PackedMatrix(contiguous: storage.matrix, depth: 1)
  }

  /// `[1, gates × padded(width)]`, current after `pack`.
  package var row: Matrix { storage.matrix }

  package func pack(_ kernels: any KernelSet.Type, parameters: Matrix) {
    kernels.pack(parameter.matrix(in: parameters), width: width, into: packed, panels: 0..<packed.panels)
  }
}
