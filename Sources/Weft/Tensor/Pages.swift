import Foundation

/// Memory straight from the system, aligned to huge pages, which spare the processor most of its page walks.
///
/// Pages hold zeros and take memory only once they are written to, from the part of the machine whose processor does
/// that first.
enum Pages {
  private static let hugePage = 2 << 20

  /// Below this, a block is not worth pages of its own.
  static let leastByteCount = 2 * hugePage

  /// Nil if the system has no such block.
  static func map(byteCount: Int) -> UnsafeMutableRawPointer? {
    let reserved = byteCount + hugePage
    guard
      let first = mmap(nil, reserved, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
      first != MAP_FAILED
    else { return nil }
    let start = first.alignedUp(toMultipleOf: hugePage)
    let end = (start + byteCount).alignedUp(toMultipleOf: Int(getpagesize()))
    if start > first { munmap(first, start - first) }
    if first + reserved > end { munmap(end, first + reserved - end) }
    #if os(Linux)
      // Advice only: where it is refused, ordinary pages do.
      _ = madvise(start, byteCount, MADV_HUGEPAGE)
    #endif
    return start
  }

  static func unmap(_ start: UnsafeMutableRawPointer, byteCount: Int) { munmap(start, byteCount) }
}
