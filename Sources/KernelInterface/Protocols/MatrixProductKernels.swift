/// Packing and the matrix product.
package protocol MatrixProductKernels {
  /// Packs weights `[depth, gates × width]` column by column; each gate starts a new panel.
  ///
  /// - Parameters:
  ///   - source: `[depth, gates × width]`, gates side by side.
  ///   - width: Columns of one gate.
  ///   - destination: `gates × padded(width)` columns; rows beyond the source's depth are packed as zeros.
  ///   - panels: The panels to write, so that workers can share the packing.
  static func pack(_ source: Matrix, width: Int, into destination: PackedMatrix, panels: Range<Int>)

  /// Packs the transpose of weights `[columns, gates × width]`. The packed depth is gates × padded(width), each
  /// gate padded with zeros, as activations of gates lie in memory; or gates × width, for plain activations.
  static func packTransposed(_ source: Matrix, width: Int, into destination: PackedMatrix, panels: Range<Int>)

  /// C = initial + A·B, each element summed over the depth in ascending order.
  ///
  /// - Parameters:
  ///   - left: A `[rows, depth]`.
  ///   - right: B `[depth, columns]`, packed.
  ///   - initial: What C starts from.
  ///   - result: C `[rows, columns of B padded to whole panels]`. May not overlap A.
  static func multiply(
    _ left: Matrix, _ right: PackedMatrix, initial: InitialValue, into result: Matrix, blocks: BlockSizes)
}
