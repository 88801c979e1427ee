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
    for offset in blocks(of: selection) {
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

  /// Offsets of the chunks touched by a selection.
  private func blocks(of selection: Selection) -> some Sequence<[Int]> {
    let first = zip(selection.offset, grid.chunk).map { $0 / $1 }
    let counts = grid.shape.indices.map { dimension in
      let last = selection.offset[dimension] + (selection.count[dimension] - 1) * selection.stride[dimension]
      return last / grid.chunk[dimension] - first[dimension] + 1
    }
    return BlockGrid(shape: counts, block: counts.map { _ in 1 }).lazy.map { block in
      block.indices.map { (first[$0] + block[$0]) * grid.chunk[$0] }
    }
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
