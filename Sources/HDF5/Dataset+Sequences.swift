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
    if space.isNull || selection.elementCount == 0 { return [] }
    try checkIsReadable()
    let element = try T.elementKind.memoryType(for: base, at: place)
    let memoryType = try place.identifier(attempt) { H5Tvlen_create(element.value) }
    let size = MemoryLayout<hvl_t>.stride
    return try withValues(of: selection, as: memoryType, elementSize: size) { values, _ in
      values.bindMemory(to: hvl_t.self).map { sequence in
        guard let start = sequence.p, sequence.len > 0 else { return [] }
        let bytes = UnsafeMutableRawBufferPointer(start: start, count: sequence.len * MemoryLayout<T>.stride)
        T.elementKind.sanitise(bytes)
        return Array(bytes.bindMemory(to: T.self))
      }
    }
  }
}
