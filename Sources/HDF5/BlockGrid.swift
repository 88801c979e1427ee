/// The blocks that cover an extent, in row-major order; those at the edges are clipped.
struct BlockGrid: Sequence {
  let shape: [Int]
  let block: [Int]

  /// Number of blocks, or nil if it overflows.
  var count: Int? {
    zip(shape, block).map { ($0 - 1) / $1 + ($0 == 0 ? 0 : 1) }.checkedProduct
  }

  /// The largest block of whole rows of at most `elementCount` elements, or a part of one row.
  static func block(of shape: [Int], elementCount: Int) -> [Int] {
    var block = shape.map { _ in 1 }
    var room = Swift.max(elementCount, 1)
    for dimension in shape.indices.reversed() {
      block[dimension] = Swift.max(1, Swift.min(shape[dimension], room))
      room /= block[dimension]
      if block[dimension] < shape[dimension] { break }
    }
    return block
  }

  /// The part of the block at `offset` that lies inside.
  func count(at offset: [Int]) -> [Int] {
    shape.indices.map { Swift.min(block[$0], shape[$0] - offset[$0]) }
  }

  func makeIterator() -> AnyIterator<[Int]> {
    var next: [Int]? = shape.contains(0) ? nil : shape.map { _ in 0 }
    return AnyIterator {
      guard let offset = next else { return nil }
      var following = offset
      next = nil
      for dimension in shape.indices.reversed() {
        // Compared by difference, because the sum could overflow.
        if block[dimension] < shape[dimension] - following[dimension] {
          following[dimension] += block[dimension]
          next = following
          break
        }
        following[dimension] = 0
      }
      return offset
    }
  }
}
