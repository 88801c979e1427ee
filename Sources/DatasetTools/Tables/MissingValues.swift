/// What becomes of a value that is missing.
public enum MissingValues: String, Sendable, CaseIterable {
  /// It is an error.
  case error
  /// It is the value before it, in the same sequence.
  case forward
  /// It is the mean of the values that are there.
  case mean
  /// Its step is left out.
  case drop

  /// What stands for a missing value in text, in lower case.
  static let marks: Set<String> = ["", "na", "n/a", "nan", "null", "none", "?"]

  static func isMissing(_ field: String) -> Bool {
    field.utf8.count <= 5 && marks.contains(trimmed(field).lowercased())
  }

  static func trimmed(_ field: String) -> String {
    guard let first = field.utf8.first, let last = field.utf8.last, first <= 32 || last <= 32 else {
      return field
    }
    return String(field.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
  }
}
