/// Changes a pickle: its operations, the numbers and texts that they take, and their order.
enum PickleMutation {
  /// Operations with and without operands, allowed ones and others.
  private static let operations: [UInt8] = [
    0x28, 0x29, 0x2E, 0x30, 0x31, 0x4A, 0x4B, 0x4D, 0x4E, 0x51, 0x52, 0x58, 0x5D, 0x61, 0x62, 0x63, 0x65,
    0x68,
    0x6A, 0x6C, 0x6F, 0x71, 0x72, 0x73, 0x74, 0x75, 0x7D, 0x80, 0x81, 0x85, 0x86, 0x87, 0x88, 0x8A, 0x8B,
    0x8C,
    0x8D, 0x8E, 0x8F, 0x90, 0x91, 0x92, 0x93, 0x94, 0x95, 0x96,
  ]

  static func changed(_ pickle: [UInt8], _ random: inout RandomNumbers) -> [UInt8] {
    var bytes = pickle
    for _ in 0..<random.pick([1, 1, 1, 2, 3, 8]) where !bytes.isEmpty {
      let place = random.below(bytes.count)
      let end = min(place + random.pick([1, 2, 5, 20, 200]), bytes.count)
      switch random.below(9) {
      case 0: bytes[place] = random.pick(operations)
      case 1:
        bytes.insert(
          contentsOf: repeatElement(random.pick(operations), count: random.pick([1, 1, 2, 3000])), at: place)
      case 2: bytes.removeSubrange(place..<end)
      case 3: bytes.insert(contentsOf: bytes[place..<end], at: random.below(bytes.count))
      case 4: bytes = Boundary.changed(bytes, &random)
      default: number(in: &bytes, from: place, &random)
      }
    }
    return bytes
  }

  /// Changes the next integer, or the length of the next text.
  private static func number(in bytes: inout [UInt8], from start: Int, _ random: inout RandomNumbers) {
    let widths: [UInt8: Int] = [0x4B: 1, 0x4D: 2, 0x4A: 4, 0x58: 4, 0x8C: 1, 0x71: 1, 0x68: 1]
    guard let place = bytes[start...].firstIndex(where: { widths[$0] != nil }),
      let width = widths[bytes[place]]
    else { return }
    let range = place..<min(place + 1 + width, bytes.count)
    // Long integers, of any value.
    let isInteger = [0x4B, 0x4D, 0x4A].contains(bytes[place])
    bytes.replaceSubrange(
      range,
      with: isInteger
        ? [0x8A, 8] + Boundary.bytes(random.pick(Boundary.values), 8)
        : [bytes[place]] + Boundary.bytes(random.pick(Boundary.values), width))
  }
}
