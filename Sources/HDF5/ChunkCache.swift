/// Size of the library's cache of decoded chunks per open dataset.
///
/// A chunk larger than the cache is decoded again for every read that touches it.
public struct ChunkCache: Sendable, Hashable {
  /// Bytes for decoded chunks.
  public var rawChunkCacheBytes: Int
  /// Slots of the cache's hash table: ideally a prime about a hundred times the number of chunks that fit.
  public var slots: Int

  /// A cache of `rawChunkCacheBytes` bytes; the library's own default is 1 MiB and 521 slots.
  public init(rawChunkCacheBytes: Int, slots: Int = 12421) {
    self.rawChunkCacheBytes = rawChunkCacheBytes
    self.slots = slots
  }
}
