import Foundation

/// Memory straight from the system, aligned to huge pages, which spare the processor most of its page walks.
///
/// Pages hold zeros and take memory only once they are written to, from the part of the machine whose processor does
/// that first.
enum Pages {
  private static let hugePage = 2 << 20

  /// Below this, a block is not worth pages of its own.
  static let leastByteCount = hugePage / 2

  /// Nil if the system has no such block.
  static func map(byteCount: Int) -> UnsafeMutableRawPointer? {
    let length = length(byteCount: byteCount)
    guard
      let first = mmap(
        nil, length + hugePage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
      first != MAP_FAILED
    else { return nil }
    let start = first.alignedUp(toMultipleOf: hugePage)
    if start > first { munmap(first, start - first) }
    munmap(start + length, first + hugePage - start)
    #if os(Linux)
      // Advice only: where it is refused, ordinary pages do.
      _ = madvise(start, length, MADV_HUGEPAGE)
    #endif
    return start
  }

  static func unmap(_ start: UnsafeMutableRawPointer, byteCount: Int) {
    munmap(start, length(byteCount: byteCount))
  }

  /// Small blocks are rounded to huge pages; the ends of large ones, half a huge page on average, are not worth it.
  private static func length(byteCount: Int) -> Int {
    let page = byteCount < 2 * hugePage ? hugePage : Int(getpagesize())
    return (byteCount + page - 1) / page * page
  }
}
