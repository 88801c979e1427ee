import WeftBase

/// The table of a SentencePiece model that replaces characters before a text is cut: a double-array trie of what is
/// replaced, and the replacements, each ended by a NUL.
///
/// The library follows the table without looking where it leads. Source of the format: SentencePiece,
/// `normalizer.cc`; Darts-clone, `darts.h`.
struct NormalizationTable {
  /// Units of the trie.
  private let units: [UInt32]
  /// The replacements.
  private let texts: ArraySlice<UInt8>

  /// The library keeps so many matches of one place of a text, whose number it does not check.
  private static let maximumMatchCount = 32
  /// Bytes of a replacement; those of Unicode's NFKC have at most 54.
  private static let maximumText = 1024

  /// - Throws: If the table leads outside of itself, in a circle, or to what is no text.
  init(_ bytes: ArraySlice<UInt8>) throws(WeftError) {
    func number(at place: Int) -> UInt32 {
      (0..<4).reduce(0) { $0 | UInt32(bytes[place + $1]) << (8 * UInt32($1)) }
    }
    guard bytes.count > 4 else { throw Self.damaged("is too short") }
    let start = bytes.startIndex + 4
    let size = Int(number(at: bytes.startIndex))
    guard size > 0, size.isMultiple(of: 4), size < bytes.count - 4 else {
      throw Self.damaged("claims a trie of \(size) bytes")
    }
    units = stride(from: start, to: start + size, by: 4).map { number(at: $0) }
    texts = bytes[(start + size)...]
    try checkTexts()
    try checkTrie()
  }

  private static func damaged(_ what: String) -> WeftError {
    .data("is not a SentencePiece model: its normalization table \(what)")
  }

  private func checkTexts() throws(WeftError) {
    guard texts.last == 0, String(validating: texts, as: UTF8.self) != nil else {
      throw Self.damaged("contains replacements that are not UTF-8 text ended by NUL")
    }
    guard texts.split(separator: 0).allSatisfy({ $0.count <= Self.maximumText }) else {
      throw Self.damaged("contains a replacement of more than \(Self.maximumText) bytes")
    }
  }

  /// Follows every path from the root.
  private func checkTrie() throws(WeftError) {
    /// A unit whose children are being visited.
    struct Visit {
      let unit: Int
      let base: Int
      var next = 0
      /// The most matches on a path below.
      var matches = 0
    }
    // Most matches from a unit on; −1 for one whose children are being visited.
    var known = [Int?](repeating: nil, count: units.count)
    var stack = [Visit(unit: 0, base: try base(of: 0))]
    known[0] = -1
    while var top = stack.popLast() {
      var entered: Int?
      while top.next < 256, entered == nil {
        let child = top.base ^ top.next
        let isChild = units[child] & 0x8000_00FF == UInt32(top.next)
        top.next += 1
        if !isChild { continue }
        switch known[child] {
        case nil: entered = child
        case -1: throw Self.damaged("leads in a circle")
        case let matches?: top.matches = max(top.matches, matches)
        }
      }
      if let child = entered {
        // The child is found again, with its matches, when this visit goes on.
        top.next -= 1
        known[child] = -1
        stack.append(top)
        stack.append(Visit(unit: child, base: try base(of: child)))
        continue
      }
      let matches = top.matches + (try isMatch(top.unit, base: top.base) ? 1 : 0)
      guard matches <= Self.maximumMatchCount else {
        throw Self.damaged("has more than \(Self.maximumMatchCount) matches at one place")
      }
      known[top.unit] = matches
    }
  }

  /// Where the children of a unit are: that place exclusive-or their bytes.
  private func base(of unit: Int) throws(WeftError) -> Int {
    let value = units[unit]
    let base = unit ^ Int((value >> 10) << ((value & 0x200) >> 6))
    guard base | 0xFF < units.count else { throw Self.damaged("leads outside of itself") }
    return base
  }

  /// Whether a text that ends at a unit is replaced, by a text that exists.
  private func isMatch(_ unit: Int, base: Int) throws(WeftError) -> Bool {
    guard unit > 0, units[unit] & 0x100 != 0 else { return false }
    let place = Int(units[base] & 0x7FFF_FFFF)
    // Not within a character.
    guard place < texts.count, texts[texts.startIndex + place] & 0xC0 != 0x80 else {
      throw Self.damaged("leads to a replacement outside of itself")
    }
    return true
  }
}
