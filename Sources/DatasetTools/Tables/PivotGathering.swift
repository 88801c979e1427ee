import WeftBase

/// The rows of a table as they are gathered: those of one time and group are one.
struct PivotGathering {
  private struct Key: Hashable {
    var group: String
    var time: String
    /// Whether clocks show it for the second time.
    var isRepeated: Bool
  }

  private let pivot: TablePivot?
  private let columns: PivotColumns
  private let table: TableDataset
  private var rows: [PivotedTable.Row] = []
  /// The texts of their times, and whether clocks show them for the second time.
  private var texts: [(text: String, isRepeated: Bool)] = []
  /// The latest time of each series, or of each name in it.
  private var hours: [String: RepeatedHour] = [:]
  private var numeric = NumericTimes()
  private var places: [Key: Int] = [:]
  private var groupNumbers: [String: Int] = [:]
  /// The names of values, and their numbers: those of columns first, then those of a long table as they occur.
  private(set) var names: [String]
  private var numbers: [String: Int] = [:]
  private var cellCount = 0
  /// Of rows with many cells, the place of each by its name.
  private var cellPlaces: [Int: [Int: Int]] = [:]
  /// Values that were there before at the same time, and rows of the table.
  private(set) var (doubled, rowCount) = (0, 0)

  /// Cells of the table that may be made.
  private static let maximumCellCount = 1 << 28
  /// Cells of a row from which on their places are kept.
  private static let manyCells = 16
  /// Names that there may be: columns of a table.
  private static let maximumNameCount = 1 << 16

  init(_ pivot: TablePivot?, _ columns: PivotColumns, _ table: TableDataset) {
    (self.pivot, self.columns, self.table) = (pivot, columns, table)
    names = columns.valueNames
  }

  /// Adds a row of the table.
  ///
  /// - Throws: If it has no name, or a value twice, or differs from others of its time; the message names the line.
  mutating func add(_ fields: TableRow, _ reader: TableReader) throws(WeftError) {
    rowCount += 1
    let time = table.format.time(columns.times.map { fields[$0] }.joined(separator: " "))
    let row = row(of: fields, time, reader)
    for (place, index) in columns.kept.enumerated() where rows[row].kept[place] != fields[index] {
      // What one row of a time lacks, another may tell.
      if table.format.isMissing(rows[row].kept[place]) {
        rows[row].kept[place] = fields[index]
      } else if !table.format.isMissing(fields[index]) {
        throw reader.failure(
          "'\(fields[index])' differs from '\(rows[row].kept[place])' of the same time, on line \(rows[row].line)",
          column: reader.names[index])
      }
    }
    for (number, index) in columns.valueIndices.enumerated() {
      try add(number, fields[index], to: row, time, reader)
    }
    guard let long = columns.long else { return }
    let name = MissingValues.trimmed(fields[long.names])
    guard !name.isEmpty else { throw reader.failure("has no name", column: pivot?.names) }
    let number = numbers[name] ?? names.count
    if number == names.count {
      guard names.count < Self.maximumNameCount else {
        throw reader.failure(
          "is the name number \(names.count + 1), of which there may be \(Self.maximumNameCount)",
          column: pivot?.names)
      }
      numbers[name] = number
      names.append(name)
    }
    try add(number, fields[long.values], to: row, time, reader)
  }

  /// The number of the row with a time in the group of some fields.
  private mutating func row(of fields: TableRow, _ time: String, _ reader: TableReader) -> Int {
    let group = columns.groups.map { fields[$0] }.joined(separator: ",")
    let key = Key(group: group, time: time, isRepeated: isRepeated(time, fields, group))
    if let row = places[key] { return row }
    numeric.add(time)
    texts.append((time, key.isRepeated))
    let groupNumber = groupNumbers[group] ?? groupNumbers.count
    groupNumbers[group] = groupNumber
    places[key] = rows.count
    rows.append(
      PivotedTable.Row(
        kept: columns.kept.map { fields[$0] }, group: groupNumber, time: 0, file: reader.fileNumber,
        line: reader.line))
    return rows.count - 1
  }

  /// Whether a local time that comes twice in autumn is the second one, by the rows before it in its series.
  private mutating func isRepeated(_ time: String, _ fields: TableRow, _ group: String) -> Bool {
    guard table.resampling != nil, table.timeReading.zone != nil,
      case .at(let first) = table.timeReading.moment(time, after: nil),
      case .at(let second) = table.timeReading.moment(time, after: .infinity)
    else { return false }
    let series = group + (columns.long.map { "\u{1F}" + fields[$0.names] } ?? "")
    return hours[series, default: RepeatedHour()].isSecond(first, second)
  }

  private func place(ofCell number: Int, in row: Int) -> Int? {
    let cells = rows[row].cells
    return cells.count > Self.manyCells
      ? cellPlaces[row]?[number] : cells.firstIndex { $0.name == number }
  }

  private mutating func add(
    _ number: Int, _ text: String, to row: Int, _ time: String, _ reader: TableReader
  ) throws(WeftError) {
    cellCount += 1
    guard cellCount <= Self.maximumCellCount else {
      throw reader.failure("is value number \(cellCount), more than can be gathered")
    }
    guard table.resampling == nil, let pivot,
      let cell = place(ofCell: number, in: row)
    else {
      let count = rows[row].cells.count
      rows[row].cells.append((number, text, 1))
      if cellPlaces[row]?.updateValue(count, forKey: number) == nil, count == Self.manyCells {
        cellPlaces[row] = Dictionary(
          rows[row].cells.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
      }
      return
    }
    // Where one is missing, the other is the value.
    if table.format.isMissing(text) { return }
    guard !table.format.isMissing(rows[row].cells[cell].text) else {
      rows[row].cells[cell].text = text
      return
    }
    doubled += 1
    switch pivot.duplicates {
    case .error:
      throw reader.failure(
        "'\(names[number])' has a value at '\(time)' already; choose one with --duplicates first, last or mean, or name"
          + " the column that tells series apart with --group", column: pivot.names)
    case .first: break
    case .last: rows[row].cells[cell].text = text
    case .mean:
      guard let one = table.format.number(MissingValues.trimmed(rows[row].cells[cell].text)),
        let other = table.format.number(MissingValues.trimmed(text))
      else { throw reader.failure("'\(text)' has no mean with another value", column: pivot.values) }
      let count = rows[row].cells[cell].count + 1
      rows[row].cells[cell] = (number, table.format.text(one + (other - one) / Double(count)), count)
    }
  }

  /// The rows with their times, and what those are.
  ///
  /// - Throws: If rows are gathered in steps, and one has no time.
  func timedRows() throws(WeftError) -> (rows: [PivotedTable.Row], scale: TimeScale) {
    var (rows, reading) = (rows, table.timeReading)
    if reading.format == nil, reading.unit == nil { reading.unit = numeric.unit }
    let scale = reading.scale(numeric)
    // Local times are in the order of their clock.
    if table.resampling == nil { reading.zone = nil }
    for (row, (text, isRepeated)) in texts.enumerated() {
      let moment = reading.moment(text, after: isRepeated ? .infinity : nil)
      if case .at(let time) = moment {
        rows[row].time = time
      } else if table.resampling != nil {
        throw .data(
          "\(table.files[rows[row].file]): line \(rows[row].line), column '\(table.time ?? "")': '\(text)' "
            + (moment == .skipped ? TableTime.skippedAdvice : "is not a time\(reading.wanted(text))"))
      }
      // What else is no time is left for the second pass to complain about.
    }
    return (rows, scale)
  }
}
