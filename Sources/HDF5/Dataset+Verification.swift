import CHDF5

extension Dataset {
  /// Contiguous data is read in blocks of this many bytes.
  private static let pieceByteCount = 1 << 20

  /// Reads everything once, in bounded memory (one chunk), and discards it.
  ///
  /// Damage is detected where the file has checksums; a dataset without them is only checked to be complete and
  /// decodable.
  /// - Throws: `checksumMismatch`, `damaged`, `filterUnavailable`, and any other damage found.
  public func verify() throws(HDF5Error) {
    try checkIsReadable()
    let space = try dataspace
    // Unwritten data is not stored, and virtual data is stored elsewhere.
    if space.isNull || space.elementCount == 0 || storageByteCount == 0 || isVirtual { return }
    let verifier = try BlockVerifier(self)
    guard let chunkShape else {
      let block = BlockGrid.block(of: space.shape, elementCount: Self.pieceByteCount / verifier.elementSize)
      return try verifier.verify(BlockGrid(shape: space.shape, block: block))
    }
    let grid = BlockGrid(shape: space.shape, block: chunkShape)
    let stored = try chunkCount
    // Iterating over the grid is linear, over stored chunks by number quadratic: the latter is used only if the grid is
    // mostly empty, for example with an enormous claimed extent.
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
  /// Decoder of numeric chunks; nil if only the library can decode them.
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

  /// Reads one block in its stored type, without conversion.
  private func readByLibrary(offset: [Int], count: [Int]) throws(HDF5Error) {
    let place = dataset.handle.place
    let attempt = offset.isEmpty ? "cannot read" : "cannot read from \(offset)"
    let selection = try Selection(
      offset: offset, count: count, stride: nil, in: try dataset.shape, at: place, attempt: attempt)
    try dataset.withValues(of: selection, as: type, elementSize: elementSize, attempt: attempt) { _, _ in }
  }
}
