import CDeflate

/// How whole chunks are compressed without the C library of HDF5 and its lock, several times as fast, so that threads can
/// share the work. The result depends on nothing but the values.
package struct ChunkEncoding: Sendable {
  /// Bytes of an element to be shuffled; nil without shuffling.
  private let width: Int?
  private let level: Int32
  /// The bit of a chunk's filter mask that tells that it is not compressed.
  private let uncompressed: UInt32

  /// - Parameters:
  ///   - filters: The filters of a dataset.
  ///   - elementSize: Bytes of an element.
  /// - Returns: Nil if they are others than deflate, perhaps after shuffling.
  package init?(_ filters: [Filter], elementSize: Int) {
    guard case .deflate(let level) = filters.last else { return nil }
    let others = filters.dropLast()
    guard others.isEmpty || others.elementsEqual([.shuffle]) else { return nil }
    width = others.isEmpty ? nil : elementSize
    self.level = Int32(clamping: level)
    uncompressed = 1 << UInt32(others.count)
  }

  /// A chunk of these values. One that would not become smaller is stored without compression, as the library does.
  package func encode<Element: HDF5Element>(_ values: ArraySlice<Element>) -> RawChunk {
    values.withUnsafeBytes { source in
      let plain = shuffled(source)
      guard let compressor = libdeflate_alloc_compressor(level) else {
        return RawChunk(bytes: plain, filterMask: uncompressed)
      }
      defer { libdeflate_free_compressor(compressor) }
      let compressed = [UInt8](unsafeUninitializedCapacity: plain.count) { buffer, count in
        // Zero if it does not fit.
        count = libdeflate_zlib_compress(compressor, plain, plain.count, buffer.baseAddress, buffer.count)
      }
      return compressed.isEmpty
        ? RawChunk(bytes: plain, filterMask: uncompressed) : RawChunk(bytes: compressed, filterMask: 0)
    }
  }

  private func shuffled(_ source: UnsafeRawBufferPointer) -> [UInt8] {
    guard let width, let start = source.baseAddress else { return Array(source) }
    return [UInt8](unsafeUninitializedCapacity: source.count) { buffer, count in
      guard let target = UnsafeMutableRawPointer(buffer.baseAddress) else { return }
      ByteShuffle.apply(start, into: target, byteCount: source.count, width: width)
      count = source.count
    }
  }
}
