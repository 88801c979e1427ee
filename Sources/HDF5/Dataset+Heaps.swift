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
    let (shape, place) = (space.shape, handle.place)
    let type = try Self.storedType(of: handle)
    let rowSize = try ReadLimit.byteCount(
      elementCount: shape.dropFirst().map { $0 }.checkedProduct, elementSize: try storedElementByteCount,
      at: place,
      attempt: Self.readingAttempt)
    let rows = max(1, Self.heapBlock / max(rowSize, 1))
    var (first, used) = (0, 0)
    repeat {
      var (offset, count) = (shape.map { _ in 0 }, shape)
      if let all = shape.first { (offset[0], count[0]) = (first, min(rows, all - first)) }
      let selection = try Selection(
        offset: offset, count: count, stride: nil, in: shape, at: place, attempt: Self.readingAttempt)
      used += try readHeaps(of: selection, type)
      first += rows
    } while first < shape.first ?? 0 && used < Self.mostHeapBytes
  }

  /// - Returns: The number of bytes that the values take.
  private func readHeaps(of selection: Selection, _ type: Identifier) throws(HDF5Error) -> Int {
    let (place, attempt) = (handle.place, Self.readingAttempt)
    let byteCount = try ReadLimit.byteCount(
      elementCount: selection.elementCount, elementSize: try storedElementByteCount, at: place,
      attempt: attempt)
    guard byteCount > 0, let count = selection.elementCount else { return 0 }
    try checkChunks(of: selection)
    let file = try fileSpace()
    let memory = try selection.apply(to: file, at: place, attempt: attempt)
    // Zeroed, so that after a failure only allocated memory is freed.
    guard let buffer = calloc(byteCount, 1) else {
      throw place.error(.tooLarge, attempt, HDF5Error.notEnoughMemory)
    }
    defer {
      Library.exclusively { _ = chdf5_reclaim(type.value, memory.value, buffer) }
      free(buffer)
    }
    let contents = try VariableLengthMemory(count: count, at: place)
    try place.check(attempt) {
      H5Dread(handle.id, type.value, memory.value, file.value, contents.transferProperties.value, buffer)
    }
    return byteCount + contents.usedByteCount
  }
}
