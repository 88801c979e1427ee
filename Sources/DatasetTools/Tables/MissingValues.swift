/// Treatment of missing values.
public enum MissingValues: String, Sendable, CaseIterable {
  /// Missing values are an error.
  case error
  /// Repeats the previous value of the same sequence.
  case forward
  /// Uses the mean of the present values.
  case mean
  /// Omits the step.
  case drop
  /// Keeps it as NaN, and a missing class as −1.
  case keep

  /// What became of some missing values.
  ///
  /// - Parameter use: What those that are kept are for.
  func note(_ count: Int, use: String = "") -> String {
    let values = count == 1 ? "a missing value" : "\(count) missing values"
    return self == .keep ? "kept \(values) as NaN\(use)" : "filled in \(values) (\(rawValue))"
  }

  /// Texts that represent a missing value, in lower case.
  static let marks: Set<String> = [
    "", "na", "n/a", "#n/a", "#na", "<na>", "nan", "-nan", "null", "none", "?",
  ]

  /// Those that are words of a language, or names, as well.
  private static let words: Set<String> = ["na", "nan", "null", "none"]

  /// Texts that represent a missing value in some tables, and a name in others, in lower case.
  private static let doubtful: Set<String> = [
    "nat", "missing", "n.a.", "n/d", "nil", "undefined", "(null)", "\\n", "#value!", "#div/0!", "#ref!",
    "#name?",
    "#num!", "#null!",
  ]

  /// Whether a name consists of dashes, points and the like, or is a mark of missing values in some tables.
  static func isDoubtful(_ name: String) -> Bool {
    doubtful.contains(name.lowercased()) || name.allSatisfy { "-–—.…*_~:".contains($0) }
  }

  /// Whether a field is one of the marks that are words as well.
  static func isWord(_ field: String) -> Bool { words.contains(trimmed(field).lowercased()) }

  static func isMissing(_ field: String) -> Bool {
    let text = trimmed(field)
    return text.utf8.count <= 5 && marks.contains(text.lowercased())
  }

  static func trimmed(_ field: String) -> String {
    guard let first = field.utf8.first, let last = field.utf8.last,
      // The bytes that no-break spaces, also thin ones, begin and end with.
      first <= 32 || last <= 32 || first == 0xC2 || first == 0xE2 || last == 0xA0 || last == 0xAF
    else { return field }
    return String(field.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
  }
}
