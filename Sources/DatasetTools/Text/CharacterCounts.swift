/// How often characters occur: those of ASCII, which most are, without a dictionary.
struct CharacterCounts {
  private var ascii = [Int](repeating: 0, count: 128)
  private var others: [Unicode.Scalar: Int] = [:]

  mutating func add(_ text: String) {
    for scalar in text.unicodeScalars {
      if scalar.isASCII { ascii[Int(scalar.value)] += 1 } else { others[scalar, default: 0] += 1 }
    }
  }

  /// Adds what was counted elsewhere.
  mutating func add(_ other: CharacterCounts) {
    for (value, count) in other.ascii.enumerated() { ascii[value] += count }
    others.merge(other.others, uniquingKeysWith: +)
  }

  /// The counts of all characters that occur.
  var all: [Unicode.Scalar: Int] {
    var all = others
    for (value, count) in ascii.enumerated() where count > 0 { all[Unicode.Scalar(UInt8(value))] = count }
    return all
  }
}
