import CHDF5
import Foundation

extension Dataset {
  /// Bytes of references that are read at once, and of what they lead to in all.
  private static let (heapBlock, mostHeapBytes) = (1 << 18, 1 << 28)

  /// Reads values of variable length as they are stored and forgets them, to see what the library does with their heaps;
  /// of very many, the first. Does nothing for other types.
  ///
  /// - Throws: Any damage found.
  func readHeaps() throws(HDF5Error) {
    guard datatype.hasVariableLength else { return }
    let space = try dataspace
    if space.isNull { return }
    try checkIsReadable()
    let type = try Self.storedType(of: handle)
    let size = max(try storedElementByteCount, 1)
    let block = BlockGrid.block(of: space.shape, elementCount: Self.heapBlock / size)
    let grid = BlockGrid(shape: space.shape, block: block)
    var used = 0
    for offset in grid {
      let selection = try Selection(
        offset: offset, count: grid.count(at: offset), stride: nil, in: space.shape, at: handle.place,
        attempt: Self.readingAttempt)
      used += try withValues(of: selection, as: type, elementSize: size) { $0.count + $1 }
      if used >= Self.mostHeapBytes { return }
    }
  }

  /// Reads a selection in a type that the library need not convert, or a type of variable length, and releases the values
  /// and their contents afterwards.
  ///
  /// - Parameters:
  ///   - type: The type in memory, of variable length if the dataset's is.
  ///   - elementSize: Bytes of an element of that type.
  ///   - body: Takes the values and the number of bytes that they refer to.
  /// - Returns: What `body` makes of them.
  /// - Throws: `tooLarge`, any damage found, and what `body` throws.
  func withValues<Result>(
    of selection: Selection, as type: Identifier, elementSize: Int, attempt: String = Dataset.readingAttempt,
    _ body: (UnsafeMutableRawBufferPointer, Int) throws(HDF5Error) -> Result
  ) throws(HDF5Error) -> Result {
    let place = handle.place
    let byteCount = try ReadLimit.byteCount(
      elementCount: selection.elementCount, elementSize: elementSize, at: place, attempt: attempt)
    try checkChunks(of: selection)
    let file = try fileSpace()
    let memory = try selection.apply(to: file, at: place, attempt: attempt)
    // Zeroed, so that after a failure only allocated memory is freed.
    guard let buffer = calloc(max(byteCount, 1), 1) else {
      throw place.error(.tooLarge, attempt, HDF5Error.notEnoughMemory)
    }
    let hasVariableLength = datatype.hasVariableLength
    defer {
      if hasVariableLength { Library.exclusively { _ = chdf5_reclaim(type.value, memory.value, buffer) } }
      free(buffer)
    }
    let contents =
      hasVariableLength ? try VariableLengthMemory(count: selection.elementCount ?? 0, at: place) : nil
    try place.check(attempt) {
      H5Dread(
        handle.id, type.value, memory.value, file.value,
        contents?.transferProperties.value ?? chdf5_default(), buffer)
    }
    return try body(
      UnsafeMutableRawBufferPointer(start: buffer, count: byteCount), contents?.usedByteCount ?? 0)
  }
}
