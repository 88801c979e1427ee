import CHDF5

/// Reads a numeric dataset block by block, so that one thread can fetch data that others decode.
///
/// Chunks are fetched raw if Weft can decode their filters; the library reads everything else: other filters, unwritten
/// chunks, contiguous storage.
package struct ChunkReader: Sendable {
  /// The dataset.
  package let dataset: Dataset
  /// The blocks: the chunks, or complete rows of about 256 KiB for contiguous storage.
  package let grid: ChunkGrid
  let number: StoredNumber
  /// Nil if the library decodes the filters, or there are none.
  let pipeline: FilterPipeline?
  private let memoryType: Identifier
  /// Whether blocks have the stored type.
  private let isStandard: Bool
  /// Whether anything was ever written; otherwise there is no chunk index. The library sums over all chunks, so it is
  /// queried once.
  let hasStorage: Bool
  /// Of the file, for its numbers that are read without the library.
  let source = SharedDescriptor()

  private static let blockByteCount = 256 << 10
  static let attempt = "cannot read"

  /// - Throws: `wrongType` if it is not numeric, `tooLarge` if the number of blocks overflows, `filterUnavailable`.
  package init(_ dataset: Dataset) throws(HDF5Error) {
    let place = dataset.handle.place
    self.dataset = dataset
    guard dataset.datatype.isNumeric else {
      throw place.error(.wrongType, "cannot read numbers", "it has type \(dataset.datatype)")
    }
    try dataset.checkIsReadable()
    let type = try Dataset.storedType(of: dataset.handle)
    let standard = try StoredNumber(describing: dataset.datatype, type: type, at: place)
    number = standard ?? Self.nearest(to: dataset.datatype)
    isStandard = standard != nil
    memoryType = standard == nil ? try number.kind.memoryType(for: .other(""), at: place) : type
    let space = try dataset.dataspace
    let shape = space.isNull ? [0] : space.shape
    let block =
      dataset.chunkShape ?? BlockGrid.block(of: shape, elementCount: Self.blockByteCount / number.byteCount)
    guard block.count == shape.count, block.allSatisfy({ $0 > 0 }) || shape.contains(0),
      let grid = ChunkGrid(shape: shape, chunk: block),
      let elements = block.checkedProduct, elements <= Int.max / 64
    else {
      throw place.error(.tooLarge, Self.attempt, "its chunks of \(block) in \(space) cannot be counted")
    }
    self.grid = grid
    hasStorage = dataset.storageByteCount > 0
    pipeline = standard == nil ? nil : try Self.pipeline(of: dataset, width: number.byteCount)
    try dataset.checkUnfilteredChunks()
  }

  private static func pipeline(of dataset: Dataset, width: Int) throws(HDF5Error) -> FilterPipeline? {
    guard dataset.chunkShape != nil else { return nil }
    let place = dataset.handle.place
    let properties = try place.identifier(attempt) { H5Dget_create_plist(dataset.handle.id) }
    var options: UInt32 = 0
    try place.check(attempt) { H5Pget_chunk_opts(properties.value, &options) }
    // Unfiltered chunks at the edges have full size. Without filters, the library returns a chunk's nominal size but
    // reads as many bytes as its index claims, without checking the buffer.
    if options != 0 || dataset.filters.isEmpty { return nil }
    return try FilterPipeline(of: properties, filters: dataset.filters, elementSize: width, at: place)
  }

  /// The numbers to which the library converts those of no standard type.
  private static func nearest(to datatype: Datatype) -> StoredNumber {
    switch datatype {
    case .integer(_, let isSigned, _): StoredNumber(isSigned ? .int64 : .uint64)
    case .enumeration(let base, _): nearest(to: base)
    case .float(let bits, _, _): StoredNumber(bits > 32 ? .float64 : .float32)
    default: StoredNumber(.float64)
    }
  }

  /// Maximum size of a block in memory.
  package var chunkByteCount: Int { grid.chunk.reduce(number.byteCount, *) }

  /// The bytes of an element in memory.
  package var elementByteCount: Int { number.byteCount }

  /// Whether blocks are fetched raw, to be decoded elsewhere.
  package var decodesChunks: Bool { pipeline != nil }

  /// Whether the file holds the numbers as the library reads them.
  package var isStoredAsRead: Bool {
    hasStorage && dataset.filters.isEmpty && !dataset.isVirtual && !dataset.isExternal && isStandard
  }

  /// Reads a block.
  ///
  /// - Parameter buffer: A buffer to reuse: for a raw block if it is large enough, otherwise if it has the size of the
  ///   block.
  /// - Throws: Any damage found.
  package func fetch(
    _ number: Int, recycling buffer: consuming [UInt8]
  ) throws(HDF5Error) -> FetchedChunk {
    let offset = grid.offset(of: number)
    guard pipeline != nil, hasStorage else { return .decoded(try fetchByLibrary(offset, recycling: buffer)) }
    let start = offset.map { hsize_t($0) }
    let stored = try storedByteCount(start)
    // Unwritten: the library provides the fill value.
    if stored == 0 { return .decoded(try fetchByLibrary(offset, recycling: buffer)) }
    let whole = chunkByteCount
    // No filter makes more of a chunk than this.
    guard stored <= 2 * whole + 1 << 16 else {
      throw damage("a chunk of \(whole) bytes claims to take \(stored)", at: offset)
    }
    try ReadLimit.checkPlausibility(
      claimed: whole, stored: stored, isCompressedByUnknownFilter: false, at: dataset.handle.place,
      attempt: "\(Self.attempt) from \(offset)")
    // Compressed chunks differ in size: memory for them has room to spare.
    var bytes = buffer.count >= stored ? buffer : Self.memory([], byteCount: stored + stored / 4)
    var mask: UInt32 = 0
    do {
      try bytes.withUnsafeMutableBufferPointer { bytes throws(HDF5Error) in
        let memory = bytes.baseAddress
        try dataset.handle.place.check("\(Self.attempt) from \(offset)") {
          H5Dread_chunk(dataset.handle.id, chdf5_default(), start, &mask, memory)
        }
      }
    } catch {
      // The library's cache may contain unwritten data.
      guard error.kind == .notFound else { throw error }
      return .decoded(try fetchByLibrary(offset, recycling: []))
    }
    return .filtered(FilteredChunk(memory: bytes, byteCount: stored, filterMask: mask))
  }

  /// Stored size of a chunk in bytes; 0 if it is unwritten.
  func storedByteCount(_ start: [hsize_t]) throws(HDF5Error) -> Int {
    var size: hsize_t = 0
    do {
      try dataset.handle.place.check(Self.attempt) {
        H5Dget_chunk_storage_size(dataset.handle.id, start, &size)
      }
    } catch {
      guard error.kind == .notFound else { throw error }
    }
    return Int(clamping: size)
  }

  /// A buffer of that size with undefined contents: the caller's if it fits, otherwise a new one.
  static func memory(_ buffer: consuming [UInt8], byteCount: Int) -> [UInt8] {
    if buffer.count == byteCount { return buffer }
    return [UInt8](unsafeUninitializedCapacity: byteCount) { $1 = byteCount }
  }

  private func fetchByLibrary(
    _ offset: [Int], recycling buffer: consuming [UInt8]
  ) throws(HDF5Error) -> Chunk {
    let count = grid.clipped(at: offset)
    let byteCount = try byteCount(of: count)
    var bytes = Self.memory(buffer, byteCount: byteCount)
    try bytes.withUnsafeMutableBufferPointer { bytes throws(HDF5Error) in
      try readByLibrary(offset, count, into: bytes.baseAddress)
    }
    // One thread fetches for all: whoever converts the numbers also looks at them, while they are in its cache.
    return Chunk(bytes: bytes, extent: count, isFinite: self.number.isInteger ? true : nil)
  }

  /// Size of a block of this extent in memory.
  ///
  /// - Throws: `tooLarge`.
  func byteCount(of count: [Int]) throws(HDF5Error) -> Int {
    try ReadLimit.byteCount(
      elementCount: count.checkedProduct, elementSize: number.byteCount, at: dataset.handle.place,
      attempt: Self.attempt)
  }

  /// Reads a block of this extent in its type in memory.
  func readByLibrary(
    _ offset: [Int], _ count: [Int], into memory: UnsafeMutableRawPointer?
  ) throws(HDF5Error) {
    let place = dataset.handle.place
    let selection = try Selection(
      offset: offset, count: count, stride: nil, in: grid.shape, at: place, attempt: Self.attempt)
    if !dataset.filters.isEmpty, pipeline == nil { try dataset.checkChunks(of: selection) }
    let space = try dataset.fileSpace()
    let extent = try selection.apply(to: space, at: place, attempt: Self.attempt)
    try place.check(Self.attempt) {
      H5Dread(dataset.handle.id, memoryType.value, extent.value, space.value, chdf5_default(), memory)
    }
  }

  /// Whether all numbers of a block are finite.
  package func isFinite(_ chunk: Chunk) -> Bool {
    chunk.isFinite ?? chunk.bytes.withUnsafeBytes(number.areFinite)
  }

  func chunk(_ bytes: [UInt8], extent: [Int]) -> Chunk {
    Chunk(bytes: bytes, extent: extent, isFinite: bytes.withUnsafeBytes(number.areFinite))
  }

  /// Uninitialized numbers.
  package static func undefined<Value: HDF5Element>(count: Int, of type: Value.Type = Value.self) -> [Value] {
    [Value](unsafeUninitializedCapacity: count) { $1 = count }
  }

  func damage(_ cause: String, at offset: [Int], kind: HDF5Error.Kind = .damaged) -> HDF5Error {
    dataset.handle.place.error(kind, "\(Self.attempt) from \(offset)", "the data is damaged: \(cause)")
  }
}
