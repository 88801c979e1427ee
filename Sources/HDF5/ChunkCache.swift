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

extension Dataset {
  /// The largest chunk to keep.
  private static let largestKeptChunk = 64 << 20

  /// The cache with which rows can be read one by one; nil for the library's default.
  var suitableChunkCache: ChunkCache? {
    guard let chunkShape else { return nil }
    // Without decoding, a cache has no benefit, and the library (1.10) copies the size of the shape from a cached
    // chunk, even if the file's index claims less.
    if filters.isEmpty { return ChunkCache(rawChunkCacheBytes: 0, slots: 1) }
    guard let byteCount = try? chunkByteCount(of: chunkShape), byteCount > 1 << 20,
      byteCount <= Self.largestKeptChunk
    else { return nil }
    return ChunkCache(rawChunkCacheBytes: byteCount, slots: 521)
  }
}
