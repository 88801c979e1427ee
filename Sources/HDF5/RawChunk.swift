/// A raw chunk.
public struct RawChunk: Sendable, Hashable {
  /// The bytes after all filters.
  public let bytes: [UInt8]
  /// Bit i is set when the i-th filter was skipped for this chunk.
  public let filterMask: UInt32
}

/// Position of a chunk.
public struct ChunkInfo: Sendable, Hashable {
  /// The index of the chunk's first element in every dimension.
  public let offset: [Int]
  /// Bit i is set when the i-th filter was skipped for this chunk.
  public let filterMask: UInt32
  /// The chunk's first byte in the file.
  public let address: UInt64
  /// The chunk's bytes in the file.
  public let byteCount: Int
}
