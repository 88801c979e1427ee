/// Tiling of a dataset's extent by blocks, numbered in row-major order.
package struct ChunkGrid: Sendable, Hashable {
  /// The extent of the dataset.
  package let shape: [Int]
  /// The extent of a block; those at the edges may extend beyond the dataset.
  package let chunk: [Int]
  /// Blocks along each dimension.
  package let counts: [Int]
  /// Number of blocks.
  package let count: Int

  /// Nil if the number of blocks overflows.
  init?(shape: [Int], chunk: [Int]) {
    let counts = zip(shape, chunk).map { $0 == 0 ? 0 : ($0 - 1) / $1 + 1 }
    guard let count = counts.checkedProduct else { return nil }
    self.shape = shape
    self.chunk = chunk
    self.counts = counts
    self.count = count
  }

  /// The block that contains the element at these indices.
  package func number(containing indices: [Int]) -> Int {
    var number = 0
    for dimension in indices.indices {
      number = number * counts[dimension] + indices[dimension] / chunk[dimension]
    }
    return number
  }

  /// The indices of a block's first element.
  package func offset(of number: Int) -> [Int] {
    var rest = number
    var offset = shape
    for dimension in shape.indices.reversed() {
      offset[dimension] = rest % counts[dimension] * chunk[dimension]
      rest /= counts[dimension]
    }
    return offset
  }

  /// The part of the block at `offset` that lies inside the dataset.
  func clipped(at offset: [Int]) -> [Int] {
    shape.indices.map { min(chunk[$0], shape[$0] - offset[$0]) }
  }
}
