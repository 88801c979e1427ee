import CHDF5

extension Dataset {
  private static let attempt = "cannot read a chunk"

  /// Number of stored chunks. Unwritten chunks are not stored.
  ///
  /// - Throws: `invalidArgument` when the dataset is not chunked.
  public var chunkCount: Int {
    get throws(HDF5Error) {
      _ = try chunkedShape()
      var count: hsize_t = 0
      let space = try fileSpace()
      try handle.place.check("cannot count the chunks") {
        H5Dget_num_chunks(handle.id, space.value, &count)
      }
      return Int(clamping: count)
    }
  }

  /// Position of a stored chunk by its number in the file's index.
  ///
  /// - Complexity: linear in `index`. To go through all chunks of a dense dataset, go through their offsets.
  /// - Throws: `outOfBounds`, `invalidArgument` when the dataset is not chunked.
  public func chunkInfo(index: Int) throws(HDF5Error) -> ChunkInfo {
    let chunk = try chunkedShape()
    let count = try chunkCount
    guard (0..<count).contains(index) else {
      throw handle.place.error(.outOfBounds, Self.attempt, "there is no chunk \(index) of \(count)")
    }
    var offset = [hsize_t](repeating: 0, count: chunk.count)
    var (mask, address, size): (UInt32, haddr_t, hsize_t) = (0, 0, 0)
    let space = try fileSpace()
    try handle.place.check(Self.attempt) {
      H5Dget_chunk_info(handle.id, space.value, hsize_t(index), &offset, &mask, &address, &size)
    }
    return ChunkInfo(
      offset: offset.map { Int(clamping: $0) }, filterMask: mask, address: UInt64(address),
      byteCount: Int(clamping: size))
  }

  /// Position of the chunk that starts at `offset`; nil if it is not stored.
  ///
  /// - Complexity: linear in the number of chunks; ``chunkByteCount(offset:)`` is faster where there are filters.
  /// - Throws: `wrongRank`, `outOfBounds`, `invalidArgument` for an offset that is not the start of a chunk.
  public func chunkInfo(offset: [Int]) throws(HDF5Error) -> ChunkInfo? {
    let start = try checkedStart(offset)
    var (mask, address, size): (UInt32, haddr_t, hsize_t) = (0, 0, 0)
    try handle.place.check(Self.attempt) {
      H5Dget_chunk_info_by_coord(handle.id, start, &mask, &address, &size)
    }
    if chdf5_address_is_defined(address) == 0 || size == 0 { return nil }
    return ChunkInfo(
      offset: offset, filterMask: mask, address: UInt64(address), byteCount: Int(clamping: size))
  }

  /// Stored size of the chunk that starts at `offset` in bytes; 0 if it is not stored.
  ///
  /// - Complexity: linear in the number of chunks where there are no filters.
  /// - Throws: `wrongRank`, `outOfBounds`, `invalidArgument` for an offset that is not the start of a chunk.
  public func chunkByteCount(offset: [Int]) throws(HDF5Error) -> Int {
    let start = try checkedStart(offset)
    // An unwritten dataset has no chunk index.
    if storageByteCount == 0 { return 0 }
    // Without filters, the library would return the nominal size, whatever the index claims.
    if filters.isEmpty { return try chunkInfo(offset: offset)?.byteCount ?? 0 }
    var size: hsize_t = 0
    do {
      try handle.place.check(Self.attempt) {
        H5Dget_chunk_storage_size(handle.id, start, &size)
      }
    } catch {
      guard error.kind == .notFound else { throw error }
    }
    return Int(clamping: size)
  }

  /// Reads the raw chunk that starts at `offset`; nil if it is not stored.
  ///
  /// - Throws: `wrongRank`, `outOfBounds`, `invalidArgument` for an offset that is not the start of a chunk, `damaged`.
  public func readRawChunk(offset: [Int]) throws(HDF5Error) -> RawChunk? {
    let byteCount = try chunkByteCount(offset: offset)
    if byteCount == 0 { return nil }
    var mask: UInt32 = 0
    let bytes = try [UInt8](unsafeUninitializedCapacity: byteCount) {
      buffer, initialized throws(HDF5Error) in
      mask = try readRawChunk(
        offset: offset,
        into: UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: buffer[..<byteCount])))
      initialized = byteCount
    }
    return RawChunk(bytes: bytes, filterMask: mask)
  }

  /// Reads the raw chunk that starts at `offset` into a buffer of at least its stored size.
  ///
  /// - Returns: the filter mask.
  /// - Throws: as ``readRawChunk(offset:)``, and `invalidArgument` when there is too little room.
  package func readRawChunk(
    offset: [Int], into buffer: UnsafeMutableRawBufferPointer
  ) throws(HDF5Error) -> UInt32 {
    let place = handle.place
    let start = try checkedStart(offset)
    var mask: UInt32 = 0
    // Atomic: no other handle may replace the chunk by a larger one between the check and the copy.
    try Library.exclusively { () throws(HDF5Error) in
      let byteCount = try chunkByteCount(offset: offset)
      try checkLiesInFile(byteCount)
      guard byteCount > 0, byteCount <= buffer.count else {
        throw place.error(
          .invalidArgument, Self.attempt, "there is room for \(buffer.count) bytes, it has \(byteCount)")
      }
      try place.check(Self.attempt) {
        H5Dread_chunk(handle.id, chdf5_default(), start, &mask, buffer.baseAddress)
      }
    }
    return mask
  }

  /// Stores a raw chunk that starts at `offset`, as it is.
  ///
  /// - Throws: `wrongRank`, `outOfBounds`, `invalidArgument` for an offset that is not the start of a chunk, `readOnly`,
  ///   `diskFull`.
  package func writeRawChunk(_ chunk: RawChunk, offset: [Int]) throws(HDF5Error) {
    let start = try checkedStart(offset)
    try handle.place.check(Self.writingAttempt) {
      chunk.bytes.withUnsafeBytes {
        H5Dwrite_chunk(
          handle.id, chdf5_default(), chunk.filterMask, start, chunk.bytes.count, $0.baseAddress)
      }
    }
  }

  private func checkLiesInFile(_ byteCount: Int) throws(HDF5Error) {
    let fileSize = try fileByteCount
    guard byteCount <= fileSize else {
      throw handle.place.error(
        .damaged, Self.attempt, "it claims \(byteCount) bytes in a file of \(fileSize)")
    }
  }

  private func chunkedShape() throws(HDF5Error) -> [Int] {
    guard let chunkShape else {
      throw handle.place.error(.invalidArgument, Self.attempt, "it is not stored in chunks")
    }
    return chunkShape
  }

  private func checkedStart(_ offset: [Int]) throws(HDF5Error) -> [hsize_t] {
    let chunk = try chunkedShape()
    let shape = try shape
    guard offset.count == shape.count else {
      throw handle.place.error(
        .wrongRank, Self.attempt, "it has \(shape.count) dimensions, the offset has \(offset.count)")
    }
    for dimension in shape.indices {
      guard (0..<shape[dimension]).contains(offset[dimension]) else {
        throw handle.place.error(.outOfBounds, Self.attempt, "\(offset) lies outside of \(shape)")
      }
      guard offset[dimension].isMultiple(of: chunk[dimension]) else {
        throw handle.place.error(.invalidArgument, Self.attempt, "no chunk of \(chunk) begins at \(offset)")
      }
    }
    return offset.map { hsize_t($0) }
  }
}
