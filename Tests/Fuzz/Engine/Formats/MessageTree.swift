/// A protobuf message as a tree of fields, to be changed and encoded again with the right lengths.
struct MessageTree {
  /// The content of a field. Bytes that can be parsed as a message are taken for one.
  indirect enum Content {
    case integer(UInt64)
    case fixed([UInt8])
    case bytes([UInt8])
    case message(MessageTree)
  }

  /// A field of a message.
  struct Field {
    var number: UInt64
    var content: Content
  }

  var fields: [Field] = []

  /// Nil if the bytes are not a message.
  init?(_ bytes: ArraySlice<UInt8>, depth: Int = 0) {
    var rest = bytes
    while !rest.isEmpty {
      guard let tag = Self.takeInteger(&rest), tag >> 3 > 0, tag >> 3 < 1000 else { return nil }
      switch tag & 7 {
      case 0:
        guard let value = Self.takeInteger(&rest) else { return nil }
        fields.append(Field(number: tag >> 3, content: .integer(value)))
      case 1, 5:
        let width = tag & 7 == 1 ? 8 : 4
        guard rest.count >= width else { return nil }
        fields.append(Field(number: tag >> 3, content: .fixed(Array(rest.prefix(width)))))
        rest = rest.dropFirst(width)
      case 2:
        guard let count = Self.takeInteger(&rest), count <= UInt64(rest.count) else { return nil }
        let content = rest.prefix(Int(count))
        rest = rest.dropFirst(Int(count))
        if depth < 8, content.count > 1, let message = MessageTree(content, depth: depth + 1) {
          fields.append(Field(number: tag >> 3, content: .message(message)))
        } else {
          fields.append(Field(number: tag >> 3, content: .bytes(Array(content))))
        }
      default: return nil
      }
    }
  }

  private static func takeInteger(_ rest: inout ArraySlice<UInt8>) -> UInt64? {
    var value: UInt64 = 0
    for shift in stride(from: 0, to: 70, by: 7) {
      guard let byte = rest.popFirst() else { return nil }
      value |= UInt64(byte & 0x7F) << UInt64(shift)
      if byte < 0x80 { return value }
    }
    return nil
  }

  private static func encoded(_ value: UInt64) -> [UInt8] {
    var (value, bytes) = (value, [UInt8]())
    while value > 0x7F {
      bytes.append(UInt8(value & 0x7F) | 0x80)
      value >>= 7
    }
    return bytes + [UInt8(value)]
  }

  /// The message's bytes.
  var encoded: [UInt8] {
    var bytes: [UInt8] = []
    for field in fields {
      let (number, content) = (field.number, field.content)
      func add(_ kind: UInt64, _ content: [UInt8]) { bytes += Self.encoded(number << 3 | kind) + content }
      switch content {
      case .integer(let value): add(0, Self.encoded(value))
      case .fixed(let value): add(value.count == 8 ? 1 : 5, value)
      case .bytes(let value): add(2, Self.encoded(UInt64(value.count)) + value)
      case .message(let message):
        let value = message.encoded
        add(2, Self.encoded(UInt64(value.count)) + value)
      }
    }
    return bytes
  }

  /// Changes one field, anywhere in the tree.
  mutating func change(_ random: inout RandomNumbers) {
    guard !fields.isEmpty else {
      return fields.append(Field(number: 1, content: .integer(random.pick(Boundary.values))))
    }
    let place = random.below(fields.count)
    if case .message(var message) = fields[place].content, random.happens(0.8) {
      message.change(&random)
      fields[place].content = .message(message)
      return
    }
    switch random.below(10) {
    case 0: fields.remove(at: place)
    case 1: fields.insert(fields[place], at: random.below(fields.count + 1))
    case 2: fields.append(contentsOf: repeatElement(fields[place], count: random.pick([2, 50, 3000])))
    case 3: fields[place].number = UInt64(random.pick([1, 2, 3, 5, 7, 14, 20, 40, 999]))
    case 4: fields[place].content = fields[random.below(fields.count)].content
    default: fields[place].content = Self.changed(fields[place].content, &random)
    }
  }

  private static func changed(_ content: Content, _ random: inout RandomNumbers) -> Content {
    switch content {
    case .integer: return .integer(random.pick(Boundary.values))
    case .fixed(var bytes):
      if random.happens(0.5) { return .fixed(Boundary.bytes(random.pick(Boundary.values), bytes.count)) }
      // Infinity and NaN, as numbers of either width.
      bytes = bytes.map { _ in 0 }
      bytes.replaceSubrange(
        bytes.count - 2..<bytes.count, with: random.pick([[0x80, 0x7F], [0xC0, 0x7F], [0xF0, 0x7F]]))
      return .fixed(bytes)
    case .message(let message): return .bytes(Boundary.changed(message.encoded, &random))
    case .bytes(let bytes): return .bytes(Boundary.changed(bytes, &random))
    }
  }
}
