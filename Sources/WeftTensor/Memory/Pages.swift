import Foundation

/// Memory mapped from the system and aligned to huge pages, which save most page-table walks.
///
/// Pages are zero and take up memory only after the first write, on the NUMA node of the CPU that writes.
enum Pages {
  private static let hugePage = 2 << 20

  /// Minimum size of a mapping; smaller blocks come from the heap.
  static let minimumByteCount = hugePage / 2

  /// Nil if memory is exhausted.
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
      // Only advice: if it is rejected, ordinary pages are used.
      _ = madvise(start, length, MADV_HUGEPAGE)
    #endif
    return start
  }

  static func unmap(_ start: UnsafeMutableRawPointer, byteCount: Int) {
    munmap(start, length(byteCount: byteCount))
  }

  /// Small blocks are rounded up to whole huge pages; for large ones that would waste half a huge page on average.
  private static func length(byteCount: Int) -> Int {
    let page = byteCount < 2 * hugePage ? hugePage : Int(getpagesize())
    return (byteCount + page - 1) / page * page
  }
}
