import CHDF5
import Synchronization

/// The library (1.10) copies whole chunks from what its filters leave of the stored ones, and reads adjacent memory if
/// that is less.
extension Dataset {
  /// Datasets of more chunks without filters are only checked in total, because finding a chunk is linear.
  private static let singleCheckCount = 1024

  /// Rejects stored chunks with less data than their shape.
  ///
  /// - Throws: `damaged`, and what decoding throws.
  func checkChunks(of selection: Selection) throws(HDF5Error) {
    guard let chunkShape, !isVirtual, storageByteCount > 0, !selection.count.contains(0) else { return }
    if filters.isEmpty { return try checkUnfilteredChunks() }
    let shape = try shape
    let grid = ChunkGrid(shape: shape, chunk: chunkShape)
    var checker: ChunkChecker?
    for offset in selection.chunkOffsets(shape: shape, chunk: chunkShape) {
      let number = grid?.number(containing: offset)
      if let grid, let number, checkedChunks.contains(number, of: grid) { continue }
      if checker == nil { checker = try ChunkChecker(self, shape: shape) }
      guard let checker else { return }
      try checker.check(at: offset)
      if let grid, let number { checkedChunks.insert(number, of: grid) }
    }
  }

  /// The index of chunks without filters tells the length of each, which should be the whole.
  ///
  /// - Throws: `damaged`.
  func checkUnfilteredChunks() throws(HDF5Error) {
    guard let chunkShape, !isVirtual, filters.isEmpty, storageByteCount > 0, chunkCheck.isDue() else {
      return
    }
    guard let byteCount = try chunkByteCount(of: chunkShape) else { return }
    let count = try chunkCount
    let (whole, overflow) = count.multipliedReportingOverflow(by: byteCount)
    guard !overflow, storageByteCount >= whole else {
      throw handle.place.error(
        .damaged, Self.readingAttempt,
        "its \(count) chunks of \(byteCount) bytes take \(storageByteCount) bytes in the file")
    }
    if count > Self.singleCheckCount { return }
    for index in 0..<count {
      let info = try chunkInfo(index: index)
      if info.byteCount < byteCount { throw shortChunk(info.byteCount, of: byteCount, at: info.offset) }
    }
  }

  /// Size of a chunk in the file before filters; nil for records with references to a heap.
  func chunkByteCount(of chunkShape: [Int]) throws(HDF5Error) -> Int? {
    let size: Int
    switch datatype {
    case .string, .sequence: size = try heapReferenceByteCount
    case _ where datatype.hasVariableLength: return nil
    default: size = try storedElementByteCount
    }
    return try ReadLimit.byteCount(
      elementCount: chunkShape.checkedProduct, elementSize: size, at: handle.place,
      attempt: Self.readingAttempt)
  }

  /// A length, the address of a heap and a place in it, which stand for text and sequences in the file.
  private var heapReferenceByteCount: Int {
    get throws(HDF5Error) {
      let place = handle.place
      let file = try place.identifier(Self.readingAttempt) { H5Iget_file_id(handle.id) }
      let properties = try place.identifier(Self.readingAttempt) { H5Fget_create_plist(file.value) }
      var (addressSize, lengthSize) = (0, 0)
      try place.check(Self.readingAttempt) { H5Pget_sizes(properties.value, &addressSize, &lengthSize) }
      return 4 + addressSize + 4
    }
  }

  func shortChunk(_ stored: Int, of byteCount: Int, at offset: [Int]) -> HDF5Error {
    handle.place.error(
      .damaged, "cannot read from \(offset)", "its chunk has \(stored) bytes instead of \(byteCount)")
  }
}

extension Selection {
  /// Offsets of the chunks that it touches.
  func chunkOffsets(shape: [Int], chunk: [Int]) -> some Sequence<[Int]> {
    let first = zip(offset, chunk).map { $0 / $1 }
    let counts = shape.indices.map { dimension in
      let last = offset[dimension] + (count[dimension] - 1) * stride[dimension]
      return last / chunk[dimension] - first[dimension] + 1
    }
    return BlockGrid(shape: counts, block: counts.map { _ in 1 }).lazy.map { block in
      block.indices.map { (first[$0] + block[$0]) * chunk[$0] }
    }
  }
}

/// Compares chunks that have filters with their shape.
private struct ChunkChecker {
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
      }
    }
  }
}

/// The chunks of a dataset that are known to be whole, so that rows which are read one by one do not decode theirs again
/// and again; shared by the copies of a value.
final class CheckedChunks: Sendable {
  private struct State {
    var grid: ChunkGrid?
    /// A bit for each chunk.
    var words: [UInt64] = []
  }

  /// The most chunks to remember, in 8 MiB.
  private static let limit = 1 << 26
  private let state = Mutex(State())

  func contains(_ number: Int, of grid: ChunkGrid) -> Bool {
    state.withLock { state in
      state.grid == grid && number < Self.limit && state.words[number / 64] >> UInt64(number % 64) & 1 == 1
    }
  }

  func insert(_ number: Int, of grid: ChunkGrid) {
    if number >= Self.limit { return }
    state.withLock { state in
      // Where the dataset has grown, chunks have other numbers.
      if state.grid != grid {
        state.grid = grid
        state.words = [UInt64](repeating: 0, count: (min(grid.count, Self.limit) + 63) / 64)
      }
      state.words[number / 64] |= 1 << UInt64(number % 64)
    }
  }
}

/// Whether something was done, shared by the copies of a value.
final class DoneOnce: Sendable {
  private let isDone = Mutex(false)

  /// True at the first call.
  func isDue() -> Bool {
    isDone.withLock { isDone in
      defer { isDone = true }
      return !isDone
    }
  }
}
