/// How much decoded data the library keeps for one open dataset.
///
/// A chunk larger than the cache is decoded anew for every read that touches it.
public struct ChunkCache: Sendable, Hashable {
  /// Bytes for decoded chunks.
  public var rawChunkCacheBytes: Int
  /// Places in the cache's hash table: best a prime about a hundred times the number of chunks that fit.
  public var slots: Int

  /// A cache of `rawChunkCacheBytes` bytes; the library's own default is 1 MiB and 521 slots.
  public init(rawChunkCacheBytes: Int, slots: Int = 12421) {
    self.rawChunkCacheBytes = rawChunkCacheBytes
    self.slots = slots
  }
}
