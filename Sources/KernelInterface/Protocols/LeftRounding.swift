/// Products in two parts, for threads that share one: they round the left-hand side together, and then each multiplies some
/// panels.
package protocol LeftRounding: SendableMetatype {
  /// Bytes of a rounded left-hand side `[rows, depth]`, a multiple of `AlignedBytes.alignment`.
  static func roundedLeftByteCount(rows: Int, depth: Int, blocks: BlockSizes) -> Int

  /// Rounds a part of A; all `parts` of them make up what `multiply` reads.
  ///
  /// - Parameters:
  ///   - left: A `[rows, any]`.
  ///   - depth: The depth of B; neither it nor the rows are 0.
  ///   - blocks: As for the product.
  ///   - rounded: `roundedLeftByteCount` bytes, the same for all parts.
  static func roundLeft(
    _ left: Matrix, depth: Int, part: Int, of parts: Int, blocks: BlockSizes, into rounded: AlignedBytes)

  /// `DotKernels.multiply` of a left-hand side `[result.rows, right.depth]`, neither of them 0, that `roundLeft` has
  /// rounded.
  static func multiply(
    rounded: AlignedBytes, _ right: PackedOperand, initial: InitialValue, into result: Matrix,
    blocks: BlockSizes)
}
