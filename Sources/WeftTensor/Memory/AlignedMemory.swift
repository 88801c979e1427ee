import KernelInterface

/// Owned memory, aligned as kernels need it and zeros at first: the elements of a tensor, packed operands, or scratch
/// memory.
package final class AlignedMemory: Sendable {
  /// The bytes. Valid as long as this object is.
  package let bytes: AlignedBytes

  /// Whether the memory is pages of its own, rather than the heap's.
  private let isMapped: Bool

  package init(byteCount: Int) {
    precondition(byteCount >= 0)
    let start: UnsafeMutableRawPointer
    isMapped = byteCount >= Pages.minimumByteCount
    if isMapped {
      guard let pages = Pages.map(byteCount: byteCount) else { endOutOfMemory(byteCount: byteCount) }
      start = pages
    } else {
      start = .allocate(byteCount: byteCount, alignment: AlignedBytes.alignment)
      start.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
    }
    bytes = AlignedBytes(start: start, count: byteCount)
  }

  deinit {
    if isMapped {
      Pages.unmap(bytes.start, byteCount: bytes.count)
    } else {
      bytes.start.deallocate()
    }
  }
}
