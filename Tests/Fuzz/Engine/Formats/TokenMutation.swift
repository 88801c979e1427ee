/// Changes the tokens of a text: JSON, separated values, lines of archives.
enum TokenMutation {
  /// Runs of bytes that belong together: quoted texts; words and numbers; single separators.
  static func tokens(_ text: [UInt8]) -> [[UInt8]] {
    var tokens: [[UInt8]] = []
    var place = 0
    while place < text.count {
      var end = place + 1
      if text[place] == UInt8(ascii: "\"") {
        while end < text.count, text[end] != UInt8(ascii: "\"") {
          end += text[end] == UInt8(ascii: "\\") ? 2 : 1
        }
        end = min(end + 1, text.count)
      } else if isWord(text[place]) {
        while end < text.count, isWord(text[end]) { end += 1 }
      }
      tokens.append(Array(text[place..<end]))
      place = end
    }
    return tokens
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: ","), UInt8(ascii: ":"), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "{"),
      UInt8(ascii: "}"), UInt8(ascii: "\""), UInt8(ascii: "("), UInt8(ascii: ")"), 0x09, 0x0A, 0x0D, 0x20:
      false
    default: true
    }
  }

  /// A text with a few tokens replaced, removed, repeated or swapped.
  static func changed(_ text: [UInt8], _ random: inout RandomNumbers) -> [UInt8] {
    var tokens = tokens(text)
    for _ in 0..<random.pick([1, 1, 1, 2, 3, 6]) where !tokens.isEmpty {
      let place = random.below(tokens.count)
      let last = min(place + random.pick([1, 1, 2, 5, 20]), tokens.count)
      switch random.below(9) {
      case 0: tokens.removeSubrange(place..<last)
      case 1: tokens.insert(contentsOf: tokens[place..<last], at: random.below(tokens.count + 1))
      case 2:
        let copies = random.pick([2, 30, 1000])
        tokens.insert(contentsOf: (0..<copies).flatMap { _ in Array(tokens[place..<last]) }, at: place)
      case 3: tokens.swapAt(place, random.below(tokens.count))
      default:
        let isQuoted = tokens[place].first == UInt8(ascii: "\"")
        let value = Array(random.pick(Boundary.texts).utf8)
        let quote = [UInt8(ascii: "\"")]
        // Mostly a token of the same kind, because others are refused early.
        tokens[place] = isQuoted == random.happens(0.8) ? quote + value + quote : value
      }
    }
    return tokens.flatMap(\.self)
  }
}
