import WeftBase

/// A row of a file of the UCR archive: the number of a class and the values of a series, between tabs, commas or blanks.
enum ArchiveRow {
  static func fields(_ line: String) -> [Substring] {
    for separator in "\t,".utf8 where line.utf8.contains(separator) {
      return line[...].fields(between: separator)
    }
    return line.split(whereSeparator: \.isWhitespace)
  }

  /// The class and the values of a row; nil if it has no such column.
  ///
  /// - Parameter column: The column of the class, counted from 1; nil for the first.
  static func divided(_ line: String, classColumn column: Int?) -> (label: Substring, values: [Substring])? {
    var values = fields(line)
    let index = (column ?? 1) - 1
    guard values.indices.contains(index) else { return nil }
    return (values.remove(at: index), values)
  }

  /// What to do about a first line that names columns; nil for other lines.
  static func headerAdvice(_ line: String, file: String) -> String? {
    let names = fields(line).map { MissingValues.trimmed(String($0)).unquoted }
    guard names.count > 2, names.allSatisfy({ Double($0) == nil && !$0.isEmpty }) else { return nil }
    let usual = ["label", "class", "target", "y", "activity"]
    let name =
      names.first { usual.contains($0.lowercased()) } ?? names.first { !$0.contains(where: \.isNumber) }
    let table = "weft data wide \(file.shellQuoted)"
    return
      "tables with names in the first line and a series in each row are for \(table) --class"
      + " \((name ?? "COLUMN").shellQuoted)"
  }

  /// The name of a class, which may be written as 1, 1.0 or 1.0000000e+00; nil for other numbers than whole ones.
  static func className(_ text: Substring) -> String? {
    guard let value = Double(MissingValues.trimmed(String(text))), value == value.rounded(), abs(value) < 1e9
    else { return nil }
    return "\(Int(value))"
  }
}

/// The distance of steps that a file of the Monash archive names.
enum ArchiveStep: Equatable {
  case seconds(Double)
  case days(Int)
  case months(Int)

  /// A distance such as `hourly`, `half_hourly`, `10_minutes` or `4_seconds`; nil for others.
  init?(_ text: String) {
    let words = text.lowercased().split(separator: "_").map(String.init)
    let isHalf = words.first == "half"
    let count = words.first.flatMap(Int.init) ?? 1
    guard let unit = words.last, (1...1_000_000).contains(count), words.count <= 2 else { return nil }
    let factor = Double(count) * (isHalf ? 0.5 : 1)
    switch unit {
    case "yearly", "years", "year": self = .months(12 * count)
    case "quarterly", "quarters", "quarter": self = .months(3 * count)
    case "monthly", "months", "month": self = .months(count)
    case "weekly", "weeks", "week": self = .days(7 * count)
    case "daily", "days", "day": self = .days(count)
    case "hourly", "hours", "hour": self = .seconds(3600 * factor)
    case "minutely", "minutes", "minute": self = .seconds(60 * factor)
    case "secondly", "seconds", "second": self = .seconds(factor)
    default: return nil
    }
  }

  /// The usual distance in seconds.
  var seconds: Double {
    switch self {
    case .seconds(let seconds): seconds
    case .days(let days): Double(days) * 86_400
    // A quarter of 365 days is 91, a twelfth 30.
    case .months(let months): (Double(months) * 365 / 12).rounded(.down) * 86_400
    }
  }

  /// The times of some steps from the first on.
  func times(from start: Double, count: Int) -> [Double] {
    let step: TimeStep =
      switch self {
      case .seconds(let seconds): .seconds(seconds)
      case .days(let days): .days(days)
      case .months(let months):
        .months(months, anchor: CivilDay(seconds: start).day)
      }
    return (0..<count).map { step.time($0, after: start, .local) }
  }
}
