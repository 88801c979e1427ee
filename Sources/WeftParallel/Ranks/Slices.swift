import WeftBase

/// Divides a flat array into contiguous slices of whole blocks, first for ranks and then for their workers.
struct Slices: Sendable {
  /// Elements whose squares are summed together; the norm of a gradient is a fixed tree over these blocks.
  static let block = 4096

  /// The blocks of a range for one of several sharers; blocks count from the start of the range.
  static func blocks(of range: Range<Int>, sharer: Int, sharers: Int) -> [Range<Int>] {
    let count = (range.count + block - 1) / block
    return share(of: count, worker: sharer, workers: sharers).map {
      let start = range.lowerBound + $0 * block
      return start..<min(start + block, range.upperBound)
    }
  }

  /// The same blocks as one range.
  static func slice(of range: Range<Int>, sharer: Int, sharers: Int) -> Range<Int> {
    let blocks = share(of: (range.count + block - 1) / block, worker: sharer, workers: sharers)
    func place(_ number: Int) -> Int { min(range.lowerBound + number * block, range.upperBound) }
    return place(blocks.lowerBound)..<place(blocks.upperBound)
  }

  /// The slices of all sharers.
  static func all(of range: Range<Int>, sharers: Int) -> [Range<Int>] {
    (0..<sharers).map { slice(of: range, sharer: $0, sharers: sharers) }
  }
}
