import CAllocator

/// The C library's allocator.
enum MemoryAllocator {
  /// Makes it keep the memory of freed minibatches for the next ones, up to 256 MiB.
  ///
  /// Pages that go back to the system are cleared and mapped anew, 6 to 7 % of the time of reading a compressed dataset.
  /// Only glibc has such settings; its manual describes them under mallopt(3).
  static func keepFreedMemory() { weft_set_allocator_thresholds(32 << 20, 256 << 20) }
}
