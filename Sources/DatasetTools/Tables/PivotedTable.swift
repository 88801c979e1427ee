import WeftBase

/// The rows of a long table, with a column for each name, or of any table gathered in even steps: one for each time of a
/// group, in the order of the groups' first rows and of time.
///
/// The values are held in memory, as those of a row may be anywhere in the file.
final class PivotedTable {
  /// The columns: those of groups and times, others that are used, and one for each name, in their order.
  let names: [String]
  let notes: [String]
  /// Whether rows are at even times, rather than at those that their text tells.
  let isResampled: Bool
  private let rows: [Row]
  /// The place of each name, by its number.
  private let places: [Int]
  private let keptCount: Int

  struct Row {
    var kept: [String]
    var group: Int
    var time: Double
    var file: Int
    var line: Int
    var cells: [(name: Int, text: String, count: Int)] = []
  }

  /// - Parameters:
  ///   - pivot: The columns of names and values; nil for a table whose columns are the names.
  ///   - table: The table, whose other columns are those that it uses.
  /// - Throws: If a row has no name, or a value twice; the message names the line.
  init(_ pivot: TablePivot?, _ table: TableDataset, _ progress: ProgressReporter) throws {
    let reader = try TableReader(table.files, format: table.format, namesFile: table.groupsByFile)
    let columns = try PivotColumns(pivot, table, reader)
    var gathering = PivotGathering(pivot, columns, table)
    progress.begin("reading the table", total: reader.byteCount, unit: "B")
    var last = 0
    while let fields = try reader.next() {
      try gathering.add(fields, reader)
      progress.advance(by: reader.offset - last)
      last = reader.offset
    }
    let (unsorted, scale) = try gathering.timedRows()
    var rows = unsorted.enumerated().sorted {
      ($0.element.group, $0.element.time, $0.offset) < ($1.element.group, $1.element.time, $1.offset)
    }.map(\.element)
    var notes: [String] = []
    if let how = table.resampling, let step = table.timeReading.step {
      rows = try TimeBins(step, scale).gathered(
        rows, how, table, keptNames: columns.kept.map { reader.names[$0] }, names: gathering.names)
      notes.append(
        "gathered \(NumberText.counted(gathering.rowCount, "rows")) in \(NumberText.counted(rows.count, "steps")) (--resample \(how.rawValue))"
      )
    }
    (self.rows, isResampled) = (rows, table.resampling != nil)
    let valueCount = columns.valueNames.count
    let pivotedNames = gathering.names.dropFirst(valueCount).sorted()
    let order = Dictionary(uniqueKeysWithValues: pivotedNames.enumerated().map { ($1, $0) })
    keptCount = columns.kept.count
    let first = columns.kept.count + valueCount
    places = gathering.names.enumerated().map { number, name in
      number < valueCount ? columns.kept.count + number : first + (order[name] ?? 0)
    }
    names = columns.kept.map { reader.names[$0] } + columns.valueNames + pivotedNames
    if let pivot {
      notes.append(
        "made \(NumberText.counted(pivotedNames.count, "columns")) of the names in '\(pivot.names)': "
          + pivotedNames.prefix(5).joined(separator: ", ") + (pivotedNames.count > 5 ? ", …" : ""))
      if gathering.doubled > 0 {
        let doubled = gathering.doubled
        notes.append(
          "\(doubled == 1 ? "a value was" : "\(doubled) values were") there before at the same time (--duplicates"
            + " \(pivot.duplicates.rawValue))")
      }
    }
    self.notes = notes
  }

  var rowCount: Int { rows.count }

  /// The number of the file and the line of the first value of a row.
  func place(of row: Int) -> (file: Int, line: Int) { (rows[row].file, rows[row].line) }

  /// The time of a row.
  func time(of row: Int) -> Double { rows[row].time }

  func fields(of row: Int) -> [String] {
    var fields = rows[row].kept + [String](repeating: "", count: names.count - keptCount)
    for cell in rows[row].cells { fields[places[cell.name]] = cell.text }
    return fields
  }
}
