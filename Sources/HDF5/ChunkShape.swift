/// Chooses default chunk shapes.
enum ChunkShape {
  /// Chunks of about this size compress well, and few of them fill a cache.
  private static let targetByteCount = 256 << 10

  /// Whole rows (everything but the first dimension) as many as reach the target, or parts of one row.
  static func automatic(shape: [Int], elementSize: Int) -> [Int] {
    var chunk = shape.map { max($0, 1) }
    for dimension in chunk.indices {
      let rest = chunk[(dimension + 1)...].checkedProduct ?? Int.max
      let (restBytes, overflow) = rest.multipliedReportingOverflow(by: elementSize)
      let rows = overflow ? 0 : targetByteCount / max(restBytes, 1)
      if rows >= 1 {
        // An empty growing dataset should not have chunks of one row.
        chunk[dimension] = shape[dimension] == 0 ? rows : min(chunk[dimension], rows)
        break
      }
      chunk[dimension] = 1
    }
    return chunk
  }
}
