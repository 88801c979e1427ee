/// Equally long rows of numbers in a block, and where they go.
package struct ChunkRows: Sendable {
  /// Number of rows.
  package var count: Int
  /// Numbers per row, which are contiguous.
  package var length: Int
  /// Index in the block of the first number, and distance of rows.
  package var source, sourceStride: Int
  /// Index in the output of the first number, and distance of rows.
  package var target, targetStride: Int

  package init(count: Int, length: Int, source: Int, sourceStride: Int, target: Int, targetStride: Int) {
    precondition(source >= 0 && sourceStride >= 0 && target >= 0 && targetStride >= 0)
    self.count = count
    self.length = length
    self.source = source
    self.sourceStride = sourceStride
    self.target = target
    self.targetStride = targetStride
  }

  /// A single row, from start to start.
  package static func row(of length: Int) -> ChunkRows {
    ChunkRows(count: 1, length: length, source: 0, sourceStride: length, target: 0, targetStride: length)
  }

  /// Whether nothing lies between the rows.
  var isWhole: Bool { count == 1 || sourceStride == length && targetStride == length }

  /// Indices after the last number.
  var sourceEnd: Int { (count - 1) * sourceStride + source + length }
  var targetEnd: Int { (count - 1) * targetStride + target + length }
}
