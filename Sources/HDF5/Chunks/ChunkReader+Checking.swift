import CHDF5

extension ChunkReader {
  /// The size in the file of a chunk that is not compressed; nil if chunks are.
  var uncompressedByteCount: Int? {
    guard let pipeline, !pipeline.stages.contains(where: \.isCompression) else { return nil }
    return chunkByteCount + 4 * pipeline.stages.count(where: { $0 == .fletcher32 })
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
