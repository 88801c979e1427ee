import CHDF5

extension ChunkReader {
  /// Rejects chunks with less data than their shape: the library (1.10) would return a full chunk with adjacent memory,
  /// or crash.
  ///
  /// - Throws: `damaged`, and what decoding throws.
  func checkChunks(of selection: Selection) throws(HDF5Error) {
    guard let pipeline, hasStorage, !selection.count.contains(0) else { return }
    let isCompressed = pipeline.stages.contains(where: \.isCompression)
    let whole = chunkByteCount + 4 * pipeline.stages.count(where: { $0 == .fletcher32 })
    let decoder = ChunkDecoder()
    for offset in selection.chunkOffsets(shape: grid.shape, chunk: grid.chunk) {
      let stored = try storedByteCount(offset.map { hsize_t($0) })
      // Without compression, the size is sufficient.
      if stored == 0 || !isCompressed && stored == whole { continue }
      try verifyChunk(grid.number(containing: offset), with: decoder)
    }
  }

  /// Reads, decodes and discards one chunk.
  func verifyChunk(_ number: Int, with decoder: ChunkDecoder) throws(HDF5Error) {
    guard case .filtered(let raw) = try fetch(number, recycling: []) else { return }
    _ = try decoder.decode(raw, self, number, recycling: [])
  }
}

extension Dataset {
  /// Decoder of numeric chunks; nil if only the library can decode them.
  func chunkReader() throws(HDF5Error) -> ChunkReader? {
    guard chunkShape != nil, datatype.isNumeric, !isVirtual else { return nil }
    let reader = try ChunkReader(self)
    return reader.pipeline == nil ? nil : reader
  }
}
