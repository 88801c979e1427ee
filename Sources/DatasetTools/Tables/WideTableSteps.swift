import WeftBase

/// Which columns of a wide table are steps.
struct WideTableSteps {
  /// Indices of the columns that name series, and of those that are steps, the earliest first.
  let names: [Int]
  private(set) var columns: [Int]
  /// The index of the column of classes; nil for none.
  let classColumn: Int?
  /// The indices of the columns of numbers to be predicted.
  let targetColumns: [Int]
  /// The time of each step; empty if the names of the columns are no times.
  private(set) var times: [Double] = []
  private(set) var scale = TimeScale.numbers
  /// Whether the names of the columns are consecutive numbers after the same text.
  private(set) var areNumbered = false
  private(set) var note: String
  let unnamedNote: String?

  /// - Throws: If a column is neither a name nor a step.
  init(_ table: WideTableDataset) throws {
    let reader = try TableReader(table.file, format: table.format)
    let own = try table.names.map { try reader.index(of: $0, option: "names") }
    classColumn = try table.classColumn.map { try reader.index(of: $0, option: "class") }
    targetColumns = try table.targets.map { try reader.index(of: $0, option: "target") }
    let skipped =
      table.skipped.isEmpty
      ? [] : Set(reader.names).subtracting(try reader.removing(table.skipped, from: reader.names))
    let left = Set(
      own + reader.names.indices.filter { skipped.contains(reader.names[$0]) }
        + [classColumn].compactMap(\.self) + targetColumns)
    let unnamed = reader.names.indices.filter {
      !left.contains($0) && MissingValues.trimmed(reader.names[$0]).isEmpty
    }
    let found = reader.names.indices.filter { !left.contains($0) && !unnamed.contains($0) }
    unnamedNote =
      unnamed.isEmpty
      ? nil : "left out \(unnamed.count == 1 ? "a column" : "\(unnamed.count) columns") without a name"
    guard let first = found.first, let last = found.last, found.count > 1 else {
      throw WeftError.usage("--names: no columns are left for the steps of \(table.file)")
    }
    (names, columns) = (own, found)
    let labels = found.map { MissingValues.trimmed(reader.names[$0]) }
    note =
      "read each row as a series of at most \(NumberText.counted(found.count, "steps")), '\(reader.names[first])' to '\(reader.names[last])'"
    var reading = table.timeReading
    // What others are tells which columns are no steps.
    let digits = labels.filter { !$0.isEmpty && $0.utf8.allSatisfy { (48...57).contains($0) } }
    var numeric = NumericTimes()
    for label in 2 * digits.count > labels.count ? digits : labels { numeric.add(label) }
    if reading.format == nil, reading.unit == nil { reading.unit = numeric.unit }
    var moments: [Double] = []
    var others: [String] = []
    for label in labels {
      // Plain numbers count steps.
      if case .at(let time) = reading.moment(label, after: moments.last), reading.scale(numeric) != .numbers {
        moments.append(time)
      } else {
        others.append(label)
      }
    }
    guard moments.isEmpty else {
      if !others.isEmpty {
        throw WeftError.data(
          "\(table.file): \(Self.shown(others)) \(others.count == 1 ? "is not a time as others are" : "are no times as others are")"
            + Self.advice(others))
      }
      (times, scale) = (moments, reading.scale(numeric))
      if zip(moments, moments.dropFirst()).allSatisfy({ $0 > $1 }) {
        (times, columns) = (times.reversed(), columns.reversed())
        note += ", from the last to the first, as the newest comes first"
      } else if let place = zip(moments, moments.dropFirst()).enumerated().first(where: { $1.0 >= $1.1 })?
        .offset
      {
        throw WeftError.data(
          "\(table.file): column '\(labels[place + 1])' is not later than '\(labels[place])' before it; order the columns by"
            + " time")
      }
      return
    }
    if reading.format != nil {
      throw WeftError.data("\(table.file): column '\(labels[0])' is not a time\(reading.wanted(labels[0]))")
    }
    // Without times the names only differ by a number.
    func stem(_ label: String) -> String { label.filter { !$0.isNumber } }
    let stems = labels.reduce(into: [String: Int]()) { $0[stem($1), default: 0] += 1 }
    let usual = stems.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
    let odd = labels.filter { stem($0) != usual }
    areNumbered = Self.numbered(labels) != nil
    guard odd.isEmpty else {
      if let months = Self.monthAdvice(labels, reader, beside: table.names.first) {
        throw WeftError.data("\(table.file): \(months)")
      }
      let like = labels.last { stem($0) == usual } ?? ""
      let verb = odd.count == 1 ? "does not look like a step" : "do not look like steps"
      throw WeftError.data(
        "\(table.file): \(Self.shown(odd)) \(verb) as '\(like)' does\(Self.advice(odd)), or tell times with --time-format"
      )
    }
  }

  /// Columns for a message.
  private static func shown(_ columns: [String]) -> String {
    if columns.count == 1 { return "column '\(columns[0].abridged)'" }
    return "columns " + columns.prefix(10).map { "'\($0.abridged)'" }.joined(separator: ", ")
      + (columns.count > 10 ? " and \(columns.count - 10) more" : "")
  }

  private static func advice(_ columns: [String]) -> String {
    let list = columns.joined(separator: ",")
    return columns.count == 1 || columns.count > 20 || list.contains("'")
      ? "; add \(columns.count == 1 ? "it" : "them") to --names or leave \(columns.count == 1 ? "it" : "them") out with --skip"
      : "; leave them out with --skip '\(list)', or add them to --names"
  }

  /// The first and the last of names that are consecutive numbers after the same text; nil if they are not.
  static func numbered(_ names: [String]) -> (first: String, last: String)? {
    func parts(_ name: String) -> (stem: Substring, number: Int)? {
      let digits = name.reversed().prefix { $0.isASCII && $0.isNumber }.count
      guard digits > 0, digits < 10, let number = Int(name.suffix(digits)) else { return nil }
      return (name.dropLast(digits), number)
    }
    guard let first = names.first, let last = names.last, names.count > 1, let begin = parts(first) else {
      return nil
    }
    for (place, name) in names.enumerated() {
      guard let part = parts(name), part.stem == begin.stem, part.number == begin.number + place else {
        return nil
      }
    }
    return (first, last)
  }

  /// How to make rows of columns that are the months of a year; nil if columns are not.
  ///
  /// - Parameter year: The column of the year; nil if it is not known.
  static func monthAdvice(_ names: [String], _ reader: TableReader, beside year: String?) -> String? {
    let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
    let own = names.filter {
      $0.first?.isLetter == true && months.contains($0.prefix(3).lowercased()) && $0.count < 10
    }
    guard Set(own.map { $0.prefix(3).lowercased() }).count == 12, own.count == 12 else { return nil }
    let year = year ?? "Year"
    return
      "columns '\(own[0])' to '\(own[11])' are months; pandas makes a row of each, \(reader.pandasCall)"
      + ".melt('\(year)', \(own), 'Month', 'value').to_csv('months.csv', index=False), for weft data table months.csv"
      + " --inputs value --time \(year),Month --time-format '%Y %b' --sort"
  }
}
