import CHDF5

/// Teaches the C library to read h5py's lzf chunks.
enum LZFFilter {
  /// A chunk of the format is below 4 GiB, and no honest one needs more.
  private static let greatestChunk = 1 << 32 - 1

  /// Registers the filter for reading. Failing would only mean that such data stay unreadable.
  static func register() {
    var filter = H5Z_class2_t()
    filter.version = H5Z_CLASS_T_VERS
    filter.id = H5Z_filter_t(Filter.lzfIdentifier)
    filter.encoder_present = 0
    filter.decoder_present = 1
    filter.name = name
    filter.filter = { flags, parameterCount, parameters, byteCount, bufferSize, buffer in
      guard flags & UInt32(H5Z_FLAG_REVERSE) != 0, let bufferSize, let buffer, let input = buffer.pointee
      else { return 0 }
      // h5py stores the size of a whole chunk as the third parameter. Zero bytes means failure to the library.
      let expected = parameterCount > 2 ? Int(parameters?[2] ?? 0) : 0
      return LZFFilter.replace(input, byteCount, expecting: expected, in: buffer, size: bufferSize)
    }
    H5Zregister(&filter)
  }

  /// The library keeps the pointer for as long as the process lives, and so does a static string.
  private static var name: UnsafePointer<CChar> {
    let text: StaticString = "lzf"
    return UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
  }

  /// Puts the decompressed chunk in the place of the compressed one.
  private static func replace(
    _ input: UnsafeMutableRawPointer, _ byteCount: Int, expecting expected: Int,
    in buffer: UnsafeMutablePointer<UnsafeMutableRawPointer?>, size: UnsafeMutablePointer<Int>
  ) -> Int {
    var capacity = expected > 0 ? expected : max(byteCount, 1 << 12)
    while capacity <= greatestChunk, let output = H5allocate_memory(capacity, false) {
      if let written = LZF.decompress(
        UnsafeRawBufferPointer(start: input, count: byteCount),
        into: UnsafeMutableRawBufferPointer(start: output, count: capacity))
      {
        H5free_memory(input)
        buffer.pointee = output
        size.pointee = capacity
        return written
      }
      H5free_memory(output)
      // Without the parameter the size has to be found; with it, the data are damaged.
      if expected > 0 { break }
      capacity *= 2
    }
    return 0
  }
}
