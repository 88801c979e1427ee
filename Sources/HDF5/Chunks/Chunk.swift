/// The numbers of one block of a dataset, as they are stored but with all filters undone.
package struct Chunk: Sendable {
  /// Row-major, of the stored type and byte order.
  package let bytes: [UInt8]
  /// The extent of the block in memory; a whole chunk at the edge reaches beyond its dataset.
  package let extent: [Int]
  /// Whether all numbers are finite, which spares readers a look at each.
  package let isFinite: Bool
}

/// A block as it came from the file.
package enum FetchedChunk: Sendable {
  /// There was nothing to undo.
  case decoded(Chunk)
  /// The bytes after all filters.
  case filtered(FilteredChunk)
}

/// A chunk as it lies in the file.
package struct FilteredChunk: Sendable {
  /// Memory whose first bytes are the chunk.
  package let memory: [UInt8]
  /// How many they are.
  package let byteCount: Int
  /// Bit i is set when the i-th filter was skipped.
  let filterMask: UInt32
}
