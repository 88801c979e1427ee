import WeftBase

/// How a long table, with a row for each value, becomes one with a column for each name.
public struct TablePivot: Sendable {
  /// What becomes of several values of one name at the same time.
  public enum Duplicates: String, Sendable, CaseIterable {
    /// They are an error.
    case error
    /// The first in the table counts.
    case first
    /// The last in the table counts.
    case last
    /// Their mean.
    case mean
  }

  /// The column of the names, such as `Parameter`.
  public var names: String
  /// The column of the values, such as `Value`.
  public var values: String
  /// Treatment of several values of one name at the same time.
  public var duplicates = Duplicates.error

  /// Names in one column, values in another.
  public init(names: String, values: String) { (self.names, self.values) = (names, values) }
}

/// The rows of a long table, with a column for each name: one for each time of a group, in the order of the groups' first
/// rows and of time.
///
/// The values are held in memory, as those of a row may be anywhere in the file.
final class PivotedTable {
  /// The columns: those of groups and times, others that are used, and one for each name, in their order.
  let names: [String]
  let notes: [String]
  /// The columns that were made of names.
  let pivotedNames: [String]
  private let rows: [Row]
  /// The place of each name, by its number.
  private let places: [Int]
  private let keptCount: Int

  private struct Row {
    var kept: [String]
    var group: Int
    var time: Double
    var file: Int
    var line: Int
    var cells: [(name: Int, text: String, count: Int)] = []
  }

  private struct Key: Hashable {
    var group: String
    var time: String
  }

  /// Cells of the table that may be made.
  private static let maximumCellCount = 1 << 28
  /// Names that there may be: columns of a table.
  private static let maximumNameCount = 1 << 16

  /// - Parameters:
  ///   - pivot: The columns of names and values.
  ///   - table: The table, whose other columns are those that it uses.
  /// - Throws: If a row has no name, or a value twice; the message names the line.
  init(_ pivot: TablePivot, _ table: TableDataset, _ progress: ProgressReporter) throws {
    guard let time = table.time else {
      throw WeftError.usage("--names-from needs --time, the column that tells which values are of one row")
    }
    let reader = try TableReader(table.files, format: table.format)
    func index(_ name: String, _ option: String) throws(WeftError) -> Int {
      guard let index = try reader.index(of: name) else {
        throw .usage("--\(option): no column '\(name)' in \(reader.path)\(reader.advice(for: name))")
      }
      return index
    }
    func indices(_ name: String?, _ option: String) throws -> [Int] {
      guard let name else { return [] }
      if reader.names.contains(name) { return [try index(name, option)] }
      return try name.split(separator: ",", omittingEmptySubsequences: false).map {
        try index(String($0), option)
      }
    }
    let nameIndex = try index(pivot.names, "names-from")
    let valueIndex = try index(pivot.values, "values-from")
    let (times, groups) = (try indices(time, "time"), try indices(table.group, "group"))
    let used = reader.joined(
      table.inputs + table.targets + table.covariates + table.statics + table.categories)
    // Columns besides names and values are those of every row of a time, as far as they are used.
    var kept = times + groups.filter { !times.contains($0) }
    for join in table.joins {
      let others = reader.names.enumerated().map {
        $0.offset == nameIndex || $0.offset == valueIndex ? "" : $0.element
      }
      kept += try join.columns(others, table.format).filter { !kept.contains($0) }
    }
    for name in used + [table.anomalies].compactMap(\.self) {
      if let index = try? reader.index(of: name), index != nameIndex, index != valueIndex,
        !kept.contains(index)
      {
        kept.append(index)
      }
    }
    var reading = table.timeReading
    var (numeric, texts) = (NumericTimes(), [String]())
    var (rows, numbers, found, places) = ([Row](), [String: Int](), [String](), [Key: Int]())
    var (groupNumbers, cellCount, doubled) = ([String: Int](), 0, 0)
    progress.begin("reading the table", total: reader.byteCount, unit: "B")
    var last = 0
    while let fields = try reader.next() {
      let name = MissingValues.trimmed(fields[nameIndex])
      guard !name.isEmpty else { throw reader.failure("has no name", column: pivot.names) }
      let number = numbers[name] ?? found.count
      if number == found.count {
        guard found.count < Self.maximumNameCount else {
          throw reader.failure(
            "is the name number \(found.count + 1), of which there may be \(Self.maximumNameCount)",
            column: pivot.names)
        }
        numbers[name] = number
        found.append(name)
      }
      let timeText = times.map { fields[$0] }.joined(separator: " ")
      let group = groups.map { fields[$0] }.joined(separator: ",")
      let key = Key(group: group, time: timeText)
      let row = places[key] ?? rows.count
      if row == rows.count {
        numeric.add(timeText)
        texts.append(timeText)
        let groupNumber = groupNumbers[group] ?? groupNumbers.count
        groupNumbers[group] = groupNumber
        places[key] = row
        rows.append(
          Row(
            kept: kept.map { fields[$0] }, group: groupNumber, time: 0, file: reader.fileNumber,
            line: reader.line))
      }
      for (place, index) in kept.enumerated() where rows[row].kept[place] != fields[index] {
        // What one row of a time lacks, another may tell.
        if table.format.isMissing(rows[row].kept[place]) {
          rows[row].kept[place] = fields[index]
        } else if !table.format.isMissing(fields[index]) {
          throw reader.failure(
            "'\(fields[index])' differs from '\(rows[row].kept[place])' of the same time, on line \(rows[row].line)",
            column: reader.names[index])
        }
      }
      let text = fields[valueIndex]
      if let cell = rows[row].cells.firstIndex(where: { $0.name == number }) {
        doubled += 1
        switch pivot.duplicates {
        case .error:
          throw reader.failure(
            "'\(name)' has a value at '\(timeText)' already; choose one with --duplicates first, last or mean, or name"
              + " the column that tells series apart with --group", column: pivot.names)
        case .first: break
        case .last: rows[row].cells[cell].text = text
        case .mean:
          guard let one = table.format.number(MissingValues.trimmed(rows[row].cells[cell].text)),
            let other = table.format.number(MissingValues.trimmed(text))
          else { throw reader.failure("'\(text)' has no mean with another value", column: pivot.values) }
          let count = rows[row].cells[cell].count + 1
          let mean = one + (other - one) / Double(count)
          let point = NumberText.json(mean)
          rows[row].cells[cell].text =
            table.format.decimal == .comma ? point.replacing(".", with: ",") : point
          rows[row].cells[cell].count = count
        }
      } else {
        rows[row].cells.append((number, text, 1))
        cellCount += 1
        guard cellCount <= Self.maximumCellCount else {
          throw reader.failure("is value number \(cellCount), more than a pivoted table may have")
        }
      }
      progress.advance(by: reader.offset - last)
      last = reader.offset
    }
    if reading.format == nil, reading.unit == nil { reading.unit = numeric.unit }
    // Local times are in the order of their clock.
    reading.zone = nil
    for (row, text) in texts.enumerated() {
      // What is no time is left for the second pass to complain about.
      if case .at(let time) = reading.moment(text, after: nil) { rows[row].time = time }
    }
    self.rows = rows.enumerated().sorted {
      ($0.element.group, $0.element.time, $0.offset) < ($1.element.group, $1.element.time, $1.offset)
    }.map(\.element)
    pivotedNames = found.sorted()
    let order = Dictionary(uniqueKeysWithValues: pivotedNames.enumerated().map { ($1, $0) })
    self.places = found.map { kept.count + (order[$0] ?? 0) }
    keptCount = kept.count
    names = kept.map { reader.names[$0] } + pivotedNames
    var notes = [
      "made \(pivotedNames.count) columns of the names in '\(pivot.names)': "
        + pivotedNames.prefix(5).joined(separator: ", ") + (pivotedNames.count > 5 ? ", …" : "")
    ]
    if doubled > 0 {
      notes.append(
        "\(doubled == 1 ? "a value was" : "\(doubled) values were") there before at the same time (--duplicates"
          + " \(pivot.duplicates.rawValue))")
    }
    self.notes = notes
  }

  var rowCount: Int { rows.count }

  /// The number of the file and the line of the first value of a row.
  func place(of row: Int) -> (file: Int, line: Int) { (rows[row].file, rows[row].line) }

  func fields(of row: Int) -> [String] {
    var fields = rows[row].kept + [String](repeating: "", count: names.count - keptCount)
    for cell in rows[row].cells { fields[places[cell.name]] = cell.text }
    return fields
  }
}
