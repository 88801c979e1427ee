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

  /// Compares the first chunk with the shape.
  ///
  /// - Throws: Any damage found.
  func checkFirstChunk() throws(HDF5Error) {
    guard let chunkShape else { return }
    let shape = try shape
    try checkIsReadable()
    try checkChunks(
      of: Selection(
        offset: shape.map { _ in 0 }, count: zip(shape, chunkShape).map { min($0, $1) }, stride: nil,
        in: shape,
        at: handle.place, attempt: Self.readingAttempt))
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
