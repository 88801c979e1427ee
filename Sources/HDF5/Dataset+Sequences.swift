import CHDF5
import Foundation

extension Dataset {
  /// Reads a block of sequences, each of its own length, in row-major order; their values are converted to `T`.
  ///
  /// - Parameters:
  ///   - type: The type of the values.
  ///   - offset: the block's first index in every dimension.
  ///   - count: how many sequences to read in every dimension.
  /// - Throws: `wrongType` if it does not contain numeric sequences, `wrongRank`, `outOfBounds`, and any damage found.
  public func readSequences<T: HDF5Element>(
    as type: T.Type, offset: [Int], count: [Int]
  ) throws(HDF5Error) -> [[T]] {
    let (place, attempt) = (handle.place, Self.readingAttempt)
    guard case .sequence(let base) = datatype, base.isNumeric else {
      throw place.error(.wrongType, "cannot read as sequences", "it has type \(datatype)")
    }
    let space = try dataspace
    let selection = try Selection(
      offset: offset, count: count, stride: nil, in: space.shape, at: place, attempt: attempt)
    let size = MemoryLayout<hvl_t>.stride
    let byteCount = try ReadLimit.byteCount(
      elementCount: space.isNull ? 0 : selection.elementCount, elementSize: size, at: place, attempt: attempt)
    if byteCount == 0 { return [] }
    try checkIsReadable()
    try checkChunks(of: selection)
    let element = try T.elementKind.memoryType(for: base, at: place)
    let memoryType = try place.identifier(attempt) { H5Tvlen_create(element.value) }
    let file = try fileSpace()
    let memory = try selection.apply(to: file, at: place, attempt: attempt)
    // Zeroed, so that after a failure only allocated memory is freed.
    guard let buffer = calloc(byteCount, 1) else {
      throw place.error(.tooLarge, attempt, HDF5Error.notEnoughMemory)
    }
    defer {
      Library.exclusively { _ = chdf5_reclaim(memoryType.value, memory.value, buffer) }
      free(buffer)
    }
    let contents = try VariableLengthMemory(count: byteCount / size, at: place)
    try place.check(attempt) {
      H5Dread(
        handle.id, memoryType.value, memory.value, file.value, contents.transferProperties.value, buffer)
    }
    let sequences = UnsafeBufferPointer(
      start: buffer.assumingMemoryBound(to: hvl_t.self), count: byteCount / size)
    return sequences.map { sequence in
      guard let start = sequence.p, sequence.len > 0 else { return [] }
      let bytes = UnsafeMutableRawBufferPointer(start: start, count: sequence.len * MemoryLayout<T>.stride)
      T.elementKind.sanitise(bytes)
      return Array(bytes.bindMemory(to: T.self))
    }
  }
}
