import Foundation

/// Caches of the processor.
package enum ProcessorCache {
  /// Bytes of a core's L2 cache; 2 MiB, as servers with matrix units have, where the system does not tell.
  package static let l2ByteCount: Int = {
    #if canImport(Glibc)
      let size = sysconf(Int32(_SC_LEVEL2_CACHE_SIZE))
      if size > 0 { return size }
    #endif
    return 2 << 20
  }()
}
