/// Changes a YAML configuration.
struct TextMutation {
  private let original: [UInt8]

  init(_ original: [UInt8]) { self.original = original }

  private static let numbers: [[UInt8]] = [
    "0", "1", "2", "3", "5", "17", "64", "1000", "1024", "4096", "65536", "1048576", "2147483647", "0.5",
    "0.999", "1e-9",
    "1e9", "1e38", "1e300",
  ].map { Array($0.utf8) }

  private static let values: [[UInt8]] =
    [
      "", "~", "null", "true", "-1", "0", "1", "2", "7", "1000", "65536", "2147483647", "2147483648",
      "4294967296",
      "1000000000000", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "1e999",
      "-1e999", "1e-400",
      ".inf", "-.inf", ".nan", "0x7fffffff", "0o17", "1_000", "1.5", "0.999999999", "1:30:00", "2026-11-25",
      "[]", "{}",
      "[1, 2]", "[[[[]]]]", "{a: b}", "[a", "{a", "'", "\"", "\"\\x00\"", "\"\\uD800\"", "\"\\UFFFFFFFF\"",
      "!!binary aGk=",
      "!!int 3", "!!python/object:os.system x", "!unknown 3", "*missing", "&here *here", "&a [*a]", "<<",
      "? ", ": ", "- ",
      "|", ">", "|9\n x", "%YAML 9.9", "---", "...", "@", "`", "#", "\t", "lstm", "gru", "gru-reset-after",
      "rnn-relu",
      "cross-entropy", "squared-error", "last-step", "adam", "sgd", "cosine", "plateau", "../text.h5",
      "/dev/zero",
      "/dev/stdin", "/", ".", "no-such.h5", "text.h5", "train", "tokens",
    ].map { Array($0.utf8) } + [
      [0], [0xFF, 0xFE], [0xC3, 0x28], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xEF, 0xBB, 0xBF],
      [0x85],
    ] + [
      Array(repeating: 0x5B, count: 3000), Array(repeating: 0x5B, count: 100_000),
      Array(repeating: 0x39, count: 100_000),
      Array(repeating: 0x61, count: 200_000), Array("{a: ".utf8.map { $0 }).repeated(50_000),
      Array("- ".utf8).repeated(50_000), Array("? ".utf8).repeated(20_000), Array("!".utf8).repeated(5_000),
    ]

  /// A YAML bomb: nine levels of nested aliases.
  private static let bomb: [UInt8] = {
    var text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
    for level in 1...9 {
      text +=
        "a\(level): &a\(level) [" + (0..<9).map { _ in "*a\(level - 1)" }.joined(separator: ", ") + "]\n"
    }
    return Array(text.utf8)
  }()

  /// A changed copy.
  func mutant(_ random: inout RandomNumbers, other: [UInt8]) -> [UInt8] {
    var lines = original.split(separator: 0x0A, omittingEmptySubsequences: false).map { Array($0) }
    let others = other.split(separator: 0x0A).map { Array($0) }
    for _ in 0..<random.pick([1, 1, 1, 2, 2, 3, 5, 12]) { change(&lines, &random, others) }
    var bytes = Array(lines.joined(separator: [0x0A]))
    if random.happens(0.15), !bytes.isEmpty {
      for _ in 0..<random.pick([1, 3, 30]) { bytes[random.below(bytes.count)] = UInt8(random.below(256)) }
    }
    if random.happens(0.03) { bytes.removeLast(random.below(bytes.count)) }
    if random.happens(0.02) { bytes = Self.bomb + bytes }
    if random.happens(0.02) { bytes = bytes.flatMap { [$0, 0] } }
    return bytes
  }

  private func change(_ lines: inout [[UInt8]], _ random: inout RandomNumbers, _ others: [[UInt8]]) {
    guard !lines.isEmpty else { return lines.append(random.pick(Self.values)) }
    let place = random.below(lines.count)
    let colon = lines[place].firstIndex(of: 0x3A)
    switch random.below(12) {
    case 0: lines.remove(at: place)
    case 1: lines.insert(lines[place], at: random.below(lines.count + 1))
    case 2: lines.swapAt(place, random.below(lines.count))
    case 3:
      lines[place] =
        Array(repeating: 0x20, count: random.pick([0, 1, 2, 3, 4, 8])) + lines[place].drop { $0 == 0x20 }
    case 4: lines.insert(random.pick(others), at: place)
    case 5:
      lines[place].insert(contentsOf: random.pick(Self.values), at: random.below(lines[place].count + 1))
    case 6:
      // The key.
      guard let colon, colon > 0 else { return }
      lines[place][random.below(colon)] = UInt8(random.below(128))
    default:
      // The value: mostly a number where there was one, because most other values are rejected early.
      guard let colon else { return }
      let isNumber = lines[place][(colon + 1)...].contains { (0x30...0x39).contains($0) }
      let values = isNumber && random.happens(0.8) ? Self.numbers : Self.values
      lines[place] = lines[place][...colon] + [0x20] + random.pick(values)
    }
  }
}

extension Array {
  fileprivate func repeated(_ count: Int) -> [Element] { (0..<count).flatMap { _ in self } }
}
