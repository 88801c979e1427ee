import CHDF5

/// Blocks that lie in the file as they are in memory, read where their numbers are needed.
extension ChunkReader {
  /// The library has a buffer for smaller reads; finding them takes as long as reading them.
  private static let leastByteCount = 64 << 10 + 1
  /// Numbers are read and converted, or looked at, in pieces that stay in the L2 cache.
  private static let pieceByteCount = 256 << 10
  /// Rows from which a call of the system for each is faster than reading what lies between them.
  private static let longRow = 4 << 10

  /// Where a block lies in the file, which the system is asked to read; nil if it is not stored like that.
  ///
  /// - Throws: Any damage found.
  package func locate(_ number: Int) throws(HDF5Error) -> Block? {
    let offset = grid.offset(of: number)
    let count = grid.clipped(at: offset)
    var known = source.current
    guard isStoredAsRead, count.dropFirst() == grid.chunk.dropFirst(), known != nil || FileDescriptor.hasRoom
    else { return nil }
    let byteCount = try byteCount(of: count)
    if let known, let first = source.firstByte {
      let region = FileRegion(
        descriptor: known, offset: first + elements(before: offset) * self.number.byteCount,
        byteCount: byteCount)
      region.readAhead()
      return .located(region, extent: count)
    }
    guard byteCount >= Self.leastByteCount else { return nil }
    // Unused unless the numbers are elsewhere.
    let memory = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: 64)
    defer { memory.deallocate() }
    var search = chdf5_search()
    search.buffer = UnsafeRawPointer(memory)
    search.size = byteCount
    search.descriptor = -1
    search.wants_descriptor = known == nil ? 1 : 0
    try Library.exclusively { () throws(HDF5Error) in
      try withUnsafeMutablePointer(to: &search) { search throws(HDF5Error) in
        try dataset.handle.place.check(Self.attempt) { chdf5_search_in_file(dataset.handle.id, search) }
        defer { _ = chdf5_search_in_file(dataset.handle.id, nil) }
        try readByLibrary(offset, count, into: memory)
      }
    }
    if search.descriptor >= 0 { known = FileDescriptor(owning: search.descriptor) }
    guard search.is_found != 0, let known, let start = Int(exactly: search.offset) else { return nil }
    if search.descriptor >= 0 {
      source.share(known, firstByte: firstByte(of: known, block: offset, at: start))
    }
    return .located(FileRegion(descriptor: known, offset: start, byteCount: byteCount), extent: count)
  }

  /// Where contiguous storage begins in the file, from where one of its blocks lies; nil if the storage is in chunks, or
  /// not all in the file.
  private func firstByte(of file: FileDescriptor, block offset: [Int], at start: Int) -> Int? {
    guard dataset.chunkShape == nil, let size = file.byteCount,
      let stored = (grid.shape + [number.byteCount]).checkedProduct
    else { return nil }
    let first = start - elements(before: offset) * number.byteCount
    return first >= 0 && stored <= size - first ? first : nil
  }

  /// Elements of the dataset before the one at `offset`, in row-major order.
  private func elements(before offset: [Int]) -> Int {
    zip(offset, grid.shape).reduce(0) { $0 * $1.1 + $1.0 }
  }

  /// Reads rows of a located block.
  ///
  /// - Parameter convert: Converts rows of a block in memory, and tells whether all are finite.
  /// - Returns: Whether all numbers are finite.
  /// - Throws: If the file cannot be read, or has become shorter.
  package func read<Value: HDF5Element>(
    _ region: FileRegion, _ rows: ChunkRows, into output: inout [Value],
    converting convert: (Chunk, ChunkRows, inout [Value]) -> Bool
  ) throws(HDF5Error) -> Bool {
    if rows.count == 0 || rows.length == 0 { return true }
    let isNative = number.kind == Value.elementKind && !number.isSwapped
    if rows.isWhole {
      var whole = rows
      (whole.length, whole.count) = (rows.count * rows.length, 1)
      return try isNative
        ? readNative(region, whole, into: &output) : readPieces(region, whole, into: &output, convert)
    }
    return try isNative && rows.length * number.byteCount >= Self.longRow
      ? readNative(region, rows, into: &output) : readPieces(region, rows, into: &output, convert)
  }

  /// Reads rows of numbers that need no conversion into their places.
  private func readNative<Value: HDF5Element>(
    _ region: FileRegion, _ rows: ChunkRows, into output: inout [Value]
  ) throws(HDF5Error) -> Bool {
    let width = number.byteCount
    let piece = Self.pieceByteCount / width
    var areFinite = true
    precondition(rows.targetEnd <= output.count)
    try output.withUnsafeMutableBufferPointer { output throws(HDF5Error) in
      let bytes = UnsafeMutableRawBufferPointer(output)
      for row in 0..<rows.count {
        for first in stride(from: 0, to: rows.length, by: piece) {
          let count = min(piece, rows.length - first)
          let target = (rows.target + row * rows.targetStride + first) * width
          let memory = UnsafeMutableRawBufferPointer(rebasing: bytes[target..<target + count * width])
          try read(region, element: rows.source + row * rows.sourceStride + first, into: memory)
          if areFinite { areFinite = number.areFinite(UnsafeRawBufferPointer(memory)) }
        }
      }
    }
    return areFinite
  }

  /// Reads rows, and what lies between them, in pieces, and converts these.
  private func readPieces<Value: HDF5Element>(
    _ region: FileRegion, _ rows: ChunkRows, into output: inout [Value],
    _ convert: (Chunk, ChunkRows, inout [Value]) -> Bool
  ) throws(HDF5Error) -> Bool {
    let most = Self.pieceByteCount / number.byteCount
    var areFinite = true
    var row = 0
    while row < rows.count {
      let count = max(1, min(rows.count - row, (most - rows.length) / max(rows.sourceStride, 1) + 1))
      // Of a row that is longer than a piece, one part after the other.
      for first in stride(from: 0, to: rows.length, by: most) {
        var part = rows
        part.count = count
        part.length = min(most, rows.length - first)
        part.target += row * rows.targetStride + first
        part.source = 0
        let span = (count - 1) * rows.sourceStride + part.length
        var bytes = Self.memory([], byteCount: span * number.byteCount)
        try bytes.withUnsafeMutableBufferPointer { memory throws(HDF5Error) in
          try read(
            region, element: rows.source + row * rows.sourceStride + first,
            into: UnsafeMutableRawBufferPointer(memory))
        }
        let chunk = Chunk(bytes: bytes, extent: [span], isFinite: number.isInteger ? true : nil)
        let isFinite = convert(chunk, part, &output)
        areFinite = areFinite && isFinite
      }
      row += count
    }
    return areFinite
  }

  private func read(
    _ region: FileRegion, element: Int, into memory: UnsafeMutableRawBufferPointer
  ) throws(HDF5Error) {
    guard let error = region.read(from: element * number.byteCount, into: memory) else { return }
    let place = dataset.handle.place
    guard error == 0 else {
      throw HDF5Error(explaining: ["errno = \(error)"], at: place, attempt: Self.attempt)
    }
    throw place.error(.truncated, Self.attempt, "the file has become shorter since it was opened")
  }
}
