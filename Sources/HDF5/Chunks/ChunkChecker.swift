import CHDF5

/// Compares chunks that have filters with their shape.
struct ChunkChecker {
  private enum Way {
    /// With the size of a chunk before its compression, nil without any.
    case numbers(ChunkReader, uncompressed: Int?)
    case others(FilterPipeline?, chunkShape: [Int], byteCount: Int, hasPlainEdges: Bool)
  }

  private let dataset: Dataset
  private let shape: [Int]
  private let way: Way
  private let decoder = ChunkDecoder()

  /// Nil if the size of chunks is not known.
  init?(_ dataset: Dataset, shape: [Int]) throws(HDF5Error) {
    (self.dataset, self.shape) = (dataset, shape)
    if let reader = try dataset.chunkReader() {
      way = .numbers(reader, uncompressed: reader.uncompressedByteCount)
      return
    }
    let place = dataset.handle.place
    let properties = try place.identifier(Dataset.readingAttempt) { H5Dget_create_plist(dataset.handle.id) }
    var options: UInt32 = 0
    try place.check(Dataset.readingAttempt) { H5Pget_chunk_opts(properties.value, &options) }
    let pipeline = try FilterPipeline(
      of: properties, filters: dataset.filters, elementSize: nil, at: place)
    guard let chunkShape = dataset.chunkShape, let byteCount = try dataset.chunkByteCount(of: chunkShape)
    else { return nil }
    way = .others(pipeline, chunkShape: chunkShape, byteCount: byteCount, hasPlainEdges: options != 0)
  }

  /// - Throws: `damaged`, and what decoding throws.
  func check(at offset: [Int]) throws(HDF5Error) {
    switch way {
    case .numbers(let reader, let uncompressed):
      let stored = try reader.storedByteCount(offset.map { hsize_t($0) })
      // Without compression, the size is sufficient.
      if stored == 0 || stored == uncompressed { return }
      try reader.verifyChunk(reader.grid.number(containing: offset), with: decoder)
    case .others(let pipeline, let chunkShape, let byteCount, let hasPlainEdges):
      guard let raw = try dataset.readRawChunk(offset: offset) else { return }
      // Those at the edges may be stored without filters.
      let isPartial = hasPlainEdges && zip(offset, zip(chunkShape, shape)).contains { $0 + $1.0 > $1.1 }
      let isUnfiltered =
        isPartial || dataset.filters.indices.allSatisfy { raw.filterMask & (1 << UInt32($0)) != 0 }
      if isUnfiltered {
        if raw.bytes.count < byteCount {
          throw dataset.shortChunk(raw.bytes.count, of: byteCount, at: offset)
        }
      } else if let pipeline, pipeline.stages.contains(where: \.isCompression) || raw.bytes.count < byteCount,
        let failure = decoder.failure(of: raw, pipeline, byteCount: byteCount)
      {
        throw dataset.handle.place.error(failure.kind, "cannot read from \(offset)", failure.cause)
      } else if let size = dataset.filters.libraryOutput(of: raw), size < byteCount {
        throw dataset.shortChunk(size, of: byteCount, at: offset)
      }
    }
  }
}
