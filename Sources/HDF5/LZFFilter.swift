import CHDF5

/// Registers h5py's LZF filter with the C library.
enum LZFFilter {
  /// Chunks of the format are below 4 GiB.
  private static let maximumChunk = 1 << 32 - 1

  /// Registers the filter. After a failure, only such data is unreadable.
  static func register() {
    var filter = H5Z_class2_t()
    filter.version = H5Z_CLASS_T_VERS
    filter.id = H5Z_filter_t(Filter.lzfIdentifier)
    filter.encoder_present = 1
    filter.decoder_present = 1
    filter.name = name
    filter.set_local = { properties, type, _ in LZFFilter.setParameters(of: properties, type: type) }
    filter.filter = { flags, parameterCount, parameters, byteCount, bufferSize, buffer in
      guard let bufferSize, let buffer, let input = buffer.pointee else { return 0 }
      if flags & UInt32(H5Z_FLAG_REVERSE) == 0 {
        return LZFFilter.compress(input, byteCount, in: buffer, size: bufferSize)
      }
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

  /// Stores what h5py does: the revision of its filter, the version of LibLZF, the bytes of a whole chunk.
  private static func setParameters(of properties: hid_t, type: hid_t) -> herr_t {
    var extents = [hsize_t](repeating: 0, count: Int(H5S_MAX_RANK))
    let rank = H5Pget_chunk(properties, Int32(extents.count), &extents)
    guard rank > 0 else { return -1 }
    let byteCount = extents.prefix(Int(rank)).reduce(hsize_t(H5Tget_size(type))) { $0 &* $1 }
    let parameters: [UInt32] = [4, 0x0105, UInt32(truncatingIfNeeded: byteCount)]
    return H5Pmodify_filter(
      properties, H5Z_filter_t(Filter.lzfIdentifier), UInt32(H5Z_FLAG_OPTIONAL), parameters.count, parameters)
  }

  /// Puts the compressed chunk in the place of a chunk. Zero bytes, for what does not get smaller, has the library
  /// store the chunk as it is.
  private static func compress(
    _ input: UnsafeMutableRawPointer, _ byteCount: Int,
    in buffer: UnsafeMutablePointer<UnsafeMutableRawPointer?>, size: UnsafeMutablePointer<Int>
  ) -> Int {
    guard byteCount > 1, let output = H5allocate_memory(byteCount, false) else { return 0 }
    guard
      let written = LZF.compress(
        UnsafeRawBufferPointer(start: input, count: byteCount),
        into: UnsafeMutableRawBufferPointer(start: output, count: byteCount - 1))
    else {
      H5free_memory(output)
      return 0
    }
    H5free_memory(input)
    buffer.pointee = output
    size.pointee = byteCount
    return written
  }

  /// Puts the decompressed chunk in the place of the compressed one.
  private static func replace(
    _ input: UnsafeMutableRawPointer, _ byteCount: Int, expecting expected: Int,
    in buffer: UnsafeMutablePointer<UnsafeMutableRawPointer?>, size: UnsafeMutablePointer<Int>
  ) -> Int {
    var capacity = expected > 0 ? expected : max(byteCount, 1 << 12)
    while capacity <= maximumChunk, let output = H5allocate_memory(capacity, false) {
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
