/// The fields of a protobuf message, as they are encoded; for messages that are checked before a library parses them.
///
/// Source: Protocol Buffers documentation, "Encoding". Groups, which no current message uses, are refused.
package struct WireFields: Sequence, IteratorProtocol {
  /// A field.
  package struct Field {
    /// Its number in the message.
    package let number: Int
    /// Its content.
    package let content: Content
  }

  /// The content of a field by its wire type.
  package enum Content {
    case integer(UInt64)
    case fixed64(UInt64)
    case fixed32(UInt32)
    /// A text, a message, bytes or packed numbers.
    case bytes(ArraySlice<UInt8>)
  }

  private var rest: ArraySlice<UInt8>
  /// Whether everything so far was well-formed.
  package private(set) var isIntact = true

  /// The fields of an encoded message.
  package init(_ message: ArraySlice<UInt8>) { rest = message }

  /// The next field; nil at the end, and where the message is damaged.
  package mutating func next() -> Field? {
    guard isIntact, !rest.isEmpty else { return nil }
    guard let tag = takeInteger(), tag >> 3 > 0, tag >> 3 < 1 << 29, let content = takeContent(tag & 7) else {
      isIntact = false
      return nil
    }
    return Field(number: Int(tag >> 3), content: content)
  }

  private mutating func takeContent(_ kind: UInt64) -> Content? {
    switch kind {
    case 0: return takeInteger().map { .integer($0) }
    case 1: return take(8).map { .fixed64(Self.number($0)) }
    case 2:
      guard let count = takeInteger(), count <= UInt64(rest.count) else { return nil }
      return take(Int(count)).map { .bytes($0) }
    case 5: return take(4).map { .fixed32(UInt32(truncatingIfNeeded: Self.number($0))) }
    default: return nil
    }
  }

  private mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
    guard count <= rest.count else { return nil }
    defer { rest = rest.dropFirst(count) }
    return rest.prefix(count)
  }

  /// Seven bits a byte, the lowest first.
  private mutating func takeInteger() -> UInt64? {
    var value: UInt64 = 0
    for shift in stride(from: 0, to: 70, by: 7) {
      guard let byte = rest.popFirst() else { return nil }
      value |= UInt64(byte & 0x7F) << UInt64(shift)
      if byte < 0x80 { return value }
    }
    return nil
  }

  private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}
