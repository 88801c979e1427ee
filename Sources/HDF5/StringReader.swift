import CHDF5
import Foundation

/// Reads variable-length and fixed-length text from datasets and attributes.
struct StringReader {
  private let storedType: Identifier
  private let isVariable: Bool
  private let place: Place

  /// - Throws: `wrongType` if the type is not text.
  init(storedType: Identifier, datatype: Datatype, place: Place) throws(HDF5Error) {
    guard datatype.isString else {
      throw place.error(.wrongType, "cannot read as text", "it has type \(datatype)")
    }
    self.storedType = storedType
    self.place = place
    isVariable = datatype == .string
  }

  /// Reads `count` texts by a transfer that is given the type in memory, properties and room for that many.
  ///
  /// - Parameter record: Makes of the type of a text, and its size, that of what is read, such as a record of nothing else.
  func read(
    count: Int, memory: Identifier, attempt: String,
    record: (Identifier, Int) throws(HDF5Error) -> Identifier = { type, _ in type },
    transfer: (hid_t, hid_t, UnsafeMutableRawPointer) -> herr_t
  ) throws(HDF5Error) -> [String] {
    let elementSize =
      isVariable
      ? MemoryLayout<UnsafePointer<CChar>?>.stride
      : Library.exclusively { Int(clamping: H5Tget_size(storedType.value)) }
    let byteCount = try ReadLimit.byteCount(
      elementCount: count, elementSize: elementSize, at: place, attempt: attempt)
    // Zeroed, so that after a failure only allocated memory is freed.
    guard let buffer = calloc(max(byteCount, 1), 1) else {
      throw place.error(.tooLarge, attempt, HDF5Error.notEnoughMemory)
    }
    defer { free(buffer) }
    if isVariable {
      let type = try record(try StringWriter.memoryType(for: storedType, at: place), elementSize)
      defer { Library.exclusively { _ = chdf5_reclaim(type.value, memory.value, buffer) } }
      let texts = try VariableLengthMemory(count: count, at: place)
      try place.check(attempt) { transfer(type.value, texts.transferProperties.value, buffer) }
      let pointers = buffer.assumingMemoryBound(to: UnsafePointer<CChar>?.self)
      return (0..<count).map { pointers[$0].map { String(cString: $0) } ?? "" }
    }
    let type = try record(storedType, elementSize)
    try place.check(attempt) { transfer(type.value, chdf5_default(), buffer) }
    let padding = Library.exclusively { H5Tget_strpad(storedType.value) }
    let bytes = UnsafeRawBufferPointer(start: buffer, count: byteCount)
    return (0..<count).map { index in
      Self.text(bytes[(index * elementSize)..<((index + 1) * elementSize)], padding)
    }
  }

  /// The text of one element of fixed length, without its padding.
  private static func text(_ bytes: Slice<UnsafeRawBufferPointer>, _ padding: H5T_str_t) -> String {
    let content: Slice<UnsafeRawBufferPointer>
    switch padding {
    case H5T_STR_NULLTERM: content = bytes.prefix { $0 != 0 }
    case H5T_STR_SPACEPAD: content = bytes.droppingLast { $0 == UInt8(ascii: " ") || $0 == 0 }
    default: content = bytes.droppingLast { $0 == 0 }
    }
    return String(decoding: content, as: UTF8.self)
  }
}

extension BidirectionalCollection {
  /// Everything up to the last element that does not satisfy the predicate.
  fileprivate func droppingLast(while predicate: (Element) -> Bool) -> SubSequence {
    guard let last = lastIndex(where: { !predicate($0) }) else { return prefix(0) }
    return self[...last]
  }
}
