import WeftBase

/// What the values of a column tell of whether it names groups, such as speakers or chapters.
///
/// Lists often have a third column of another kind: a score, a licence, the language.
struct GroupColumn {
  /// What the values are of, such as `column 3`.
  private let name: String
  private var values: Set<UInt64> = []
  /// Lines with a value.
  private var count = 0
  private var hasEmpty = false
  private var areNumbers = true
  private var hasDecimals = false

  /// Lines of which fewer may all have different groups by chance.
  private static let few = 10

  init(name: String = "column 3") { self.name = name }

  /// Adds the value of a line; nil or empty if it has none.
  mutating func add(_ value: String?) {
    guard let value, !value.isEmpty else {
      hasEmpty = true
      return
    }
    values.insert(ContentHash(value.utf8).value)
    count += 1
    if areNumbers {
      areNumbers = Double(value) != nil
      hasDecimals = hasDecimals || Int(value) == nil
    }
  }

  /// Why it names no groups; nil if it does, or is empty.
  private var reason: String? {
    if count == 0 { return nil }
    if values.count == 1, count > 1, !hasEmpty { return "has one value" }
    if areNumbers, hasDecimals { return "contains numbers with decimals" }
    let areDifferent = count < Self.few ? values.count == count : values.count * 10 > count * 9
    return areDifferent && count > 1 ? "differs from line to line" : nil
  }

  /// Whether it names groups.
  var isUsed: Bool { count > 0 && reason == nil }

  /// What was found, for the user; nil if the column is empty.
  var note: String? {
    if count == 0 { return nil }
    return reason.map { "\(name) \($0), so that it names no groups" }
      ?? "\(values.count) \(values.count == 1 ? "group" : "groups") by \(name)"
  }
}
