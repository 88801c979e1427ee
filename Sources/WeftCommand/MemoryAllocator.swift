import CAllocator
import WeftBase

/// The C library's allocator. Only glibc has these settings; see mallopt(3).
enum MemoryAllocator {
  /// Configures it to keep the memory of freed minibatches for the next ones, up to 256 MiB.
  ///
  /// Pages returned to the system are cleared and mapped again, which takes 6 to 7% of the time of reading a compressed
  /// dataset. There is one arena, because each would keep minibatches of its own.
  static func keepFreedMemory() {
    weft_set_allocator_thresholds(32 << 20, 256 << 20)
    weft_set_allocator_arenas(1)
  }

  /// Configures it for threads that allocate many texts at a time, for which one arena would be a lock.
  static func giveThreadsArenas() { weft_set_allocator_arenas(Int32(clamping: AvailableProcessors.count)) }
}
