/// Numbers and texts at which readers fail.
enum Boundary {
  /// Values at which sizes, signs and sums overflow.
  static let values: [UInt64] = [
    0, 1, 2, 3, 7, 8, 9, 16, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 0x7FFF_FFFF,
    0x8000_0000,
    0xFFFF_FFFF, 0x1_0000_0000, 1 << 40, 1 << 62, 0x7FFF_FFFF_FFFF_FFFF, 1 << 63, .max - 2, .max - 1, .max,
  ]

  /// Texts in the place of numbers, names and words.
  static let texts: [String] = [
    "", "0", "-1", "1", "2147483647", "2147483648", "9223372036854775807", "9223372036854775808",
    "-9223372036854775808", "1e308", "-1e308", "1e309", "5e-324", "-0.0", "9e18", "nan", "inf", "null",
    "true",
    "[]", "{}", "?", "\u{1B}[2J\u{1B}]0;x\u{7}", "\u{9B}31m", "\u{202E}txt", "\r\n", "\0", "é", "\u{10FFFF}",
    String(repeating: "a/", count: 2000), String(repeating: "x", count: 70_000), "../../x", ".", "/", "a b",
    "\"",
    "'", "(1099511627776, 0)", "(9223372036854775807,)", "(-1,)",
  ]

  /// A number's lowest bytes, little endian.
  static func bytes(_ value: UInt64, _ width: Int) -> [UInt8] {
    (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) }
  }

  /// Bytes with some replaced: by boundary numbers of either byte order, mostly near the start, where headers are; cut;
  /// repeated; or another text.
  static func changed(_ bytes: [UInt8], _ random: inout RandomNumbers) -> [UInt8] {
    if random.happens(0.15) || bytes.isEmpty { return Array(random.pick(texts).utf8) }
    var bytes = bytes
    let place = random.happens(0.6) ? random.below(min(bytes.count, 80)) : random.below(bytes.count)
    switch random.below(8) {
    case 0: bytes[place] ^= 1 << UInt8(random.below(8))
    case 1: bytes[place] = UInt8(random.below(256))
    case 2: bytes.removeLast(bytes.count - place)
    case 3:
      bytes.insert(contentsOf: bytes[place..<min(place + random.pick([1, 4, 64]), bytes.count)], at: place)
    case 4: bytes.removeSubrange(place..<min(place + random.pick([1, 4, 64]), bytes.count))
    default:
      let width = random.pick([1, 2, 4, 8])
      var number = Self.bytes(random.pick(values), width)
      if random.happens(0.4) { number.reverse() }
      let end = min(place + width, bytes.count)
      bytes.replaceSubrange(place..<end, with: number.prefix(end - place))
    }
    return bytes
  }
}
