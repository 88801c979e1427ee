/// The decoded numbers of one block of a dataset, in their stored type.
package struct Chunk: Sendable {
  /// Row-major, of the stored type and byte order.
  package let bytes: [UInt8]
  /// The extent of the block in memory; a chunk at the edge extends beyond its dataset.
  package let extent: [Int]
  /// Whether all numbers are finite, so that readers need not check each; nil if nobody has looked yet.
  package let isFinite: Bool?
}

/// A fetched block.
package enum FetchedChunk: Sendable {
  /// A block without filters.
  case decoded(Chunk)
  /// The bytes after all filters.
  case filtered(FilteredChunk)
}

/// A raw chunk.
package struct FilteredChunk: Sendable {
  /// A buffer that starts with the raw chunk.
  package let memory: [UInt8]
  /// Size of the raw chunk in bytes.
  package let byteCount: Int
  /// Bit i is set when the i-th filter was skipped.
  let filterMask: UInt32
}

/// A block whose numbers can be read.
package enum Block: Sendable {
  case decoded(Chunk)
  /// In the file, with the extent of what lies there.
  case located(FileRegion, extent: [Int])

  /// Size of its numbers in bytes.
  package var byteCount: Int {
    switch self {
    case .decoded(let chunk): chunk.bytes.count
    case .located(let region, _): region.byteCount
    }
  }

  /// What it takes in memory, in bytes.
  package var memoryByteCount: Int {
    switch self {
    case .decoded(let chunk): chunk.bytes.count
    case .located: 256
    }
  }

  /// Its extent.
  package var extent: [Int] {
    switch self {
    case .decoded(let chunk): chunk.extent
    case .located(_, let extent): extent
    }
  }
}
