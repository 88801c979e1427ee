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
    let type = try Self.storedType(of: handle)
    let elementSize = max(try storedElementByteCount, 1)
    guard let chunkShape else {
      let block = BlockGrid.block(of: space.shape, elementCount: Self.pieceByteCount / elementSize)
      return try verify(BlockGrid(shape: space.shape, block: block), type: type, elementSize: elementSize)
    }
    let grid = BlockGrid(shape: space.shape, block: chunkShape)
    let stored = try chunkCount
    // Going through the grid is linear, asking for the stored chunks by number is quadratic: the latter only where
    // the grid is mostly empty, as a header that claims an enormous extent can make it.
    if let count = grid.count, count / 16 <= stored + 1024 {
      return try verify(grid, type: type, elementSize: elementSize)
    }
    for index in 0..<stored {
      let offset = try chunkInfo(index: index).offset
      let isInside = zip(offset, space.shape).allSatisfy { $0 < $1 }
      guard isInside else { continue }
      try verify(offset: offset, count: grid.count(at: offset), type: type, elementSize: elementSize)
    }
  }

  private func verify(_ grid: BlockGrid, type: Identifier, elementSize: Int) throws(HDF5Error) {
    for offset in grid {
      try verify(offset: offset, count: grid.count(at: offset), type: type, elementSize: elementSize)
    }
  }

  /// Reads one block as it is stored, so that no conversion costs time.
  private func verify(
    offset: [Int], count: [Int], type: Identifier, elementSize: Int
  ) throws(HDF5Error) {
    let place = handle.place
    let attempt = offset.isEmpty ? "cannot read" : "cannot read from \(offset)"
    let selection = try Selection(
      offset: offset, count: count, stride: nil, in: try shape, at: place, attempt: attempt)
    let byteCount = try ReadLimit.byteCount(
      elementCount: selection.elementCount, elementSize: elementSize, at: place, attempt: attempt)
    let space = try fileSpace()
    let memory = try selection.apply(to: space, at: place, attempt: attempt)
    // Zeroed, so that after a failure half-way only what was allocated is given back.
    guard let buffer = calloc(byteCount, 1) else {
      throw place.error(.tooLarge, attempt, HDF5Error.notEnoughMemory)
    }
    defer {
      if datatype.hasVariableLength {
        Library.exclusively { _ = chdf5_reclaim(type.value, memory.value, buffer) }
      }
      free(buffer)
    }
    let variable =
      datatype.hasVariableLength
      ? try VariableLengthMemory(count: selection.elementCount ?? 0, at: place) : nil
    try place.check(attempt) {
      H5Dread(
        handle.id, type.value, memory.value, space.value,
        variable?.transferProperties.value ?? chdf5_default(), buffer)
    }
  }
}
