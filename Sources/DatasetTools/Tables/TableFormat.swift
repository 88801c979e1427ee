import Foundation
import WeftBase

/// How a table is written: separators, characters, numbers and missing values.
public struct TableFormat: Sendable {
  /// Between fields, of which a space stands for any run of blanks; nil for a tab in `.tsv` files, `|` in `.psv`, a semicolon with decimal commas, and a comma in others.
  public var separator: UInt8?
  /// The character between the whole and the fraction of a number.
  public var decimal = DecimalMark.point { didSet { markNumbers = numbersOfMarks } }
  /// The character between groups of three digits, of which a space is any kind of space; nil for none.
  public var thousands: Character? { didSet { markNumbers = numbersOfMarks } }
  /// Letters and signs after numbers that are left out, such as `p` of `1.2 p` for a provisional one, and signs before
  /// them, such as `$`.
  public var flags: Set<String> = []
  /// Whether the user named the decimal mark, so that it is not questioned.
  public var isDecimalGiven = false
  /// Lines of the file that are left out, such as those above the names or totals.
  public var skippedLines: [ClosedRange<Int>] = []
  /// The character around fields that contain separators; nil for none.
  public var quote: UInt8? = UInt8(ascii: "\"")
  /// Whether the first line names the columns; otherwise their names are 1, 2, 3 ….
  public var hasHeader = true
  /// Encoding of the characters.
  public var encoding = TableEncoding.utf8
  /// Texts that stand for a missing value, in addition to the usual ones; a number stands for it however it is written.
  public var missingMarks: Set<String> = [] { didSet { markNumbers = numbersOfMarks } }
  /// The marks that are numbers.
  private var markNumbers: [Double: String] = [:]

  /// Commas between fields, points in numbers, UTF-8.
  public init() {}

  /// The separator of a file.
  func separator(of path: String) -> UInt8 {
    if let separator { return separator }
    let name = path.lowercased()
    if name.hasSuffix(".tsv") || name.hasSuffix(".tsv.gz") || name.hasSuffix(".tab") || name.hasSuffix(".rdb")
    {
      return UInt8(ascii: "\t")
    }
    if name.hasSuffix(".psv") || name.hasSuffix(".psv.gz") { return UInt8(ascii: "|") }
    return UInt8(ascii: decimal == .comma ? ";" : ",")
  }

  func isMissing(_ field: String) -> Bool { MissingValues.isMissing(field) || mark(of: field) != nil }

  /// A text without the flag that it ends with, which may follow a space, or the sign that it begins with; nil if there is
  /// none.
  private func withoutFlag(_ text: String) -> String? {
    if flags.isEmpty { return nil }
    let sign = text.prefix { $0 == "-" || $0 == "+" || $0 == "\u{2212}" }
    let unsigned = text.dropFirst(sign.count)
    // Letters alone, such as EUR, stand apart from a number.
    if let mark = flags.first(where: { flag in
      unsigned.hasPrefix(flag)
        && (flag.contains { !$0.isLetter } || unsigned.dropFirst(flag.count).first?.isWhitespace == true)
    }) {
      let plain = MissingValues.trimmed(String(unsigned.dropFirst(mark.count)))
      return plain.isEmpty ? nil : sign + plain
    }
    guard let flag = flags.first(where: { text.hasSuffix($0) && text.count > $0.count }) else { return nil }
    let plain = MissingValues.trimmed(String(text.dropLast(flag.count)))
    return plain.isEmpty || plain.last?.isLetter == true ? nil : plain
  }

  /// The flag of a number that multiplies it, such as `K` of thousands; nil without any.
  func unit(of text: String) -> String? {
    flags.first { text.hasSuffix($0) && Self.units.contains($0) }
  }

  /// Marks that multiply a number, in reports and of memory.
  private static let units: Set<String> = [
    "k", "K", "M", "B", "T", "bn", "mn", "Mio", "Mrd", "kB", "KB", "MB", "GB", "TB", "KiB", "MiB", "GiB",
    "TiB",
  ]

  /// The mark of missing values that a field is; nil for others.
  func mark(of field: String) -> String? {
    if missingMarks.isEmpty { return nil }
    let text = MissingValues.trimmed(field)
    if missingMarks.contains(text) { return text }
    if let plain = withoutFlag(text), missingMarks.contains(plain) { return plain }
    return markNumbers.isEmpty ? nil : number(text).flatMap { markNumbers[$0] }
  }

  private var numbersOfMarks: [Double: String] {
    var numbers: [Double: String] = [:]
    for mark in missingMarks.sorted() {
      if let value = number(mark) ?? Double(mark), value.isFinite { numbers[value] = mark }
    }
    return numbers
  }

  /// The number of a field that is written plainly and is no mark of a missing value; nil for all others, which may be
  /// numbers as well.
  func plainNumber(_ row: TableRow, _ index: Int) -> Double? {
    let mark = UInt8(ascii: decimal == .point ? "." : ",")
    guard let value = row.plainNumber(index, decimal: mark) else { return nil }
    return markNumbers.isEmpty || markNumbers[value] == nil ? value : nil
  }

  /// The number of a field; nil if it has none, or is something else.
  func number(_ row: TableRow, _ index: Int) -> Double? {
    if let value = plainNumber(row, index) { return value }
    let text = MissingValues.trimmed(row[index])
    return isMissing(text) ? nil : number(text)
  }

  /// The finite number that a field without space around it stands for; nil for anything else.
  func number(_ text: String) -> Double? {
    let value: Double?
    switch decimal {
    case .point: value = Double(text)
    case .comma: value = text.utf8.contains(UInt8(ascii: ".")) ? nil : Double(text.replacing(",", with: "."))
    }
    // The library stops at the character NUL, whatever follows.
    if let value { return value.isFinite && !text.utf8.contains(0) ? value : nil }
    return unusualNumber(text)
  }

  /// The text of a time, which if it is a number with a decimal comma or separators of thousands is written with a point
  /// alone.
  func time(_ text: String) -> String {
    if decimal == .point, thousands == nil { return text }
    let trimmed = MissingValues.trimmed(text)
    if decimal == .comma, trimmed.utf8.contains(UInt8(ascii: ",")),
      case let plain = trimmed.replacing(",", with: "."), Double(plain) != nil
    {
      return plain
    }
    return groupedNumber(trimmed).map(NumberText.json) ?? text
  }

  /// A number as this format writes it.
  func text(_ number: Double) -> String {
    let text = NumberText.json(number)
    return decimal == .comma ? text.replacing(".", with: ",") : text
  }

  /// A number with separators of thousands, or with the minus sign of print, U+2212.
  private func unusualNumber(_ text: String) -> Double? {
    if text.hasPrefix("\u{2212}") {
      let rest = String(text.dropFirst())
      return rest.first?.isNumber == true ? number(rest).map(-) : nil
    }
    if let plain = withoutFlag(text) { return number(plain) }
    return groupedNumber(text)
  }

  /// A number with separators of thousands; after a last group of three digits, commas may stand between two, as in India.
  private func groupedNumber(_ text: String) -> Double? {
    guard let thousands else { return nil }
    let sign = text.prefix { $0 == "-" || $0 == "+" }
    let mark: Character = decimal == .point ? "." : ","
    let parts = text.dropFirst(sign.count).split(
      separator: mark, maxSplits: 1, omittingEmptySubsequences: false)
    guard sign.count <= 1, let whole = parts.first else { return nil }
    let groups = whole.split(omittingEmptySubsequences: false) {
      $0 == thousands || thousands == " " && Self.spaces.contains($0)
    }
    func areDigits(_ text: Substring) -> Bool { text.utf8.allSatisfy { (48...57).contains($0) } }
    let areOfThree = groups.dropFirst().allSatisfy { $0.count == 3 }
    let areOfTwo =
      thousands == "," && groups[0].count <= 2 && groups.last?.count == 3
      && groups.dropFirst().dropLast().allSatisfy { $0.count == 2 }
    guard groups.count > 1, (1...3).contains(groups[0].count), areOfThree || areOfTwo,
      groups.allSatisfy(areDigits),
      parts.count == 1 || areDigits(parts[1])
    else { return nil }
    return Double(sign + groups.joined() + (parts.count == 1 ? "" : "." + parts[1]))
  }

  /// No-break spaces and thin ones.
  private static let spaces: Set<Character> = ["\u{A0}", "\u{202F}", "\u{2009}"]
}

/// The character between the whole and the fraction of a number.
public enum DecimalMark: String, Sendable, CaseIterable {
  case point = "."
  case comma = ","
}

/// Encoding of the characters of a table.
public enum TableEncoding: String, Sendable, CaseIterable {
  case utf8 = "utf-8"
  case latin1 = "latin-1"
  case windows1252 = "windows-1252"

  /// The text of some bytes; nil if they are none in this encoding.
  func text(_ bytes: [UInt8]) -> String? {
    switch self {
    case .utf8:
      // Nothing of ASCII alone needs to be validated.
      bytes.allSatisfy { $0 < 128 }
        ? String(decoding: bytes, as: UTF8.self) : String(validating: bytes, as: UTF8.self)
    case .latin1: Self.controls(in: bytes) == nil ? String(bytes: bytes, encoding: .isoLatin1) : nil
    case .windows1252: String(bytes: bytes, encoding: .windowsCP1252)
    }
  }

  /// The first byte that is a control character in Latin-1, which no text has, and a letter or a mark in Windows-1252; nil for
  /// none.
  private static func controls(in bytes: [UInt8]) -> UInt8? {
    let undefined: Set<UInt8> = [0x81, 0x8D, 0x8F, 0x90, 0x9D]
    return bytes.first { (0x80...0x9F).contains($0) && !undefined.contains($0) }
  }

  /// What to say of bytes that are no text in this encoding.
  ///
  /// - Parameter context: The bytes and what follows them, as a field may be too short to tell its letters.
  func failure(for bytes: [UInt8], in context: some Collection<UInt8>) -> String {
    if self == .latin1, let byte = Self.controls(in: bytes) {
      return
        "has the byte 0x\(String(byte, radix: 16, uppercase: true)), which is a control character in latin-1; use --encoding"
        + " windows-1252"
    }
    let advice = OtherEncoding.advice(for: context)
    if self == .utf8, OtherEncoding.isUTF16(context) { return "is UTF-16 text; \(advice)" }
    if self == .utf8, OtherEncoding.hasOtherLetters(context) { return "is not utf-8 text; \(advice)" }
    return
      "is not \(rawValue) text; name its encoding with --encoding latin-1 or windows-1252, or convert it with iconv"
  }
}
