import CHDF5
import Foundation

extension Dataset {
  /// Data outside of chunks are read in pieces of this many bytes.
  private static let pieceByteCount = 1 << 20

  /// Reads everything once, in bounded memory (one chunk), and forgets it.
  ///
  /// What the file protects by checksums is found out when damaged; a dataset without them is only found to be
  /// complete and decodable.
  /// - Throws: `checksumMismatch`, `damaged`, `filterUnavailable`, and whatever else is met.
  public func verify() throws(HDF5Error) {
    try checkIsReadable()
    let space = try dataspace
    // Nothing is stored of what was never written, and elsewhere what other datasets hold.
    if space.isNull || space.elementCount == 0 || storageByteCount == 0 || isVirtual { return }
    let verifier = try BlockVerifier(self)
    guard let chunkShape else {
      let block = BlockGrid.block(of: space.shape, elementCount: Self.pieceByteCount / verifier.elementSize)
      return try verifier.verify(BlockGrid(shape: space.shape, block: block))
    }
    let grid = BlockGrid(shape: space.shape, block: chunkShape)
    let stored = try chunkCount
    // Going through the grid is linear, asking for the stored chunks by number is quadratic: the latter only where
    // the grid is mostly empty, as a header that claims an enormous extent can make it.
    if let count = grid.count, count / 16 <= stored + 1024 { return try verifier.verify(grid) }
    for index in 0..<stored {
      let offset = try chunkInfo(index: index).offset
      let isInside = zip(offset, space.shape).allSatisfy { $0 < $1 }
      guard isInside else { continue }
      try verifier.verify(offset: offset, count: grid.count(at: offset))
    }
  }
}

/// Reads blocks of a dataset to find damage.
private struct BlockVerifier {
  let dataset: Dataset
  let elementSize: Int
  private let type: Identifier
  /// Decodes chunks of numbers; nil where only the library can.
  private let reader: ChunkReader?
  private let decoder = ChunkDecoder()

  init(_ dataset: Dataset) throws(HDF5Error) {
    self.dataset = dataset
    type = try Dataset.storedType(of: dataset.handle)
    elementSize = max(try dataset.storedElementByteCount, 1)
    reader = try dataset.chunkReader()
  }

  func verify(_ grid: BlockGrid) throws(HDF5Error) {
    for offset in grid { try verify(offset: offset, count: grid.count(at: offset)) }
  }

  func verify(offset: [Int], count: [Int]) throws(HDF5Error) {
    if let reader { return try reader.verifyChunk(reader.grid.number(containing: offset), with: decoder) }
    try readByLibrary(offset: offset, count: count)
  }

  /// Reads one block as it is stored, so that no conversion costs time.
  private func readByLibrary(offset: [Int], count: [Int]) throws(HDF5Error) {
    let place = dataset.handle.place
    let attempt = offset.isEmpty ? "cannot read" : "cannot read from \(offset)"
    let selection = try Selection(
      offset: offset, count: count, stride: nil, in: try dataset.shape, at: place, attempt: attempt)
    let byteCount = try ReadLimit.byteCount(
      elementCount: selection.elementCount, elementSize: elementSize, at: place, attempt: attempt)
    let space = try dataset.fileSpace()
    let memory = try selection.apply(to: space, at: place, attempt: attempt)
    // Zeroed, so that after a failure half-way only what was allocated is given back.
    guard let buffer = calloc(byteCount, 1) else {
      throw place.error(.tooLarge, attempt, HDF5Error.notEnoughMemory)
    }
    let hasVariableLength = dataset.datatype.hasVariableLength
    defer {
      if hasVariableLength {
        Library.exclusively { _ = chdf5_reclaim(type.value, memory.value, buffer) }
      }
      free(buffer)
    }
    let variable =
      hasVariableLength ? try VariableLengthMemory(count: selection.elementCount ?? 0, at: place) : nil
    try place.check(attempt) {
      H5Dread(
        dataset.handle.id, type.value, memory.value, space.value,
        variable?.transferProperties.value ?? chdf5_default(), buffer)
    }
  }
}
