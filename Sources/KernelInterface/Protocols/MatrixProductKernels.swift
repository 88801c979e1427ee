/// The matrix product, and the packing of its right-hand side.
package protocol MatrixProductKernels {
  /// Packs weights `[depth, G × H]`; each gate starts a new panel.
  ///
  /// - Parameters:
  ///   - source: Gates side by side.
  ///   - width: Columns of one gate.
  ///   - destination: G × H′ columns; rows beyond the source's depth are packed as zeros.
  ///   - panels: The panels to write, so that workers can share the packing.
  static func pack(_ source: Matrix, width: Int, into destination: PackedMatrix, panels: Range<Int>)

  /// Packs the transpose of weights `[columns, G × H]`. The packed depth is G × H′, each gate padded with zeros, to
  /// match gates in memory; or G × H, to match activations without padding between gates.
  static func packTransposed(_ source: Matrix, width: Int, into destination: PackedMatrix, panels: Range<Int>)

  /// C = initial + A·B, each element summed over the depth in ascending order.
  ///
  /// - Parameters:
  ///   - left: A `[rows, depth]`.
  ///   - right: B `[depth, columns]`, packed.
  ///   - initial: What is added to.
  ///   - result: C `[rows, columns of B padded to whole panels]`. May not overlap A.
  static func multiply(
    _ left: Matrix, _ right: PackedMatrix, initial: InitialValue, into result: Matrix, blocks: BlockSizes)
}
