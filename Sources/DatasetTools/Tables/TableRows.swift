import Foundation
import WeftBase

/// A step of a series.
struct SeriesStep {
  /// Inputs, followed by covariates and static features; NaN where missing.
  var inputs: [Double]
  var targets: [Double]
  var time: Double?
  /// Whether it is an anomaly; nil if that is not told.
  var isAnomaly: Bool?
}

/// The second pass over a table: its rows as steps, with missing values handled.
final class TableRows {
  /// A row.
  struct Row {
    var step: SeriesStep
    let split: Int
    /// The number of its group, and the name.
    var group = 0
    var name: String?
    /// Whether only its covariates are known.
    var isFuture = false
  }

  var reader: TableReader { rows.reader }
  private let rows: OrderedRows
  private(set) var labels: AnomalyLabels?
  let table: TableDataset
  private let survey: TableSurvey
  /// Columns of inputs, as `SeriesStep` has them, and of targets.
  private let columns: [TableColumn]
  /// Indices in a record of the columns of numbers; nil for those of names.
  private let numericIndices: [Int?]
  /// Replacement of missing values in the next row, by column.
  private var last: [Double?]
  /// Distances of the rows in time.
  private(set) var times = TimeSteps()
  private var lastGroup: String?
  private var lastSplit = 0
  /// Hashes of completed groups.
  private(set) var groups: Set<UInt64> = []
  /// The number of the current group, and that of the current row in it.
  private var (groupIndex, rowOfGroup) = (-1, 0)
  private(set) var filled = 0
  /// Rows of which only the covariates are known, and series that they follow.
  private(set) var future = (rows: 0, series: 0)
  /// Steps of the time grid that the table lacks.
  private(set) var (gapSteps, gapCount) = (0, 0)
  /// Rows whose time was there before.
  private(set) var doubled = 0
  private var lastTime: Double?
  /// Rows that are still to be returned, because they fill a gap before the one that was read.
  private var pending: [Row] = []
  private(set) var dropped = 0

  init(_ table: TableDataset, _ survey: TableSurvey) throws {
    self.table = table
    self.survey = survey
    columns = survey.inputs + survey.targets
    numericIndices = columns.map { $0.isNumeric ? $0.index : nil }
    rows = OrderedRows(try table.reader(), survey.order)
    last = Array(repeating: nil, count: columns.count)
    let separator = rows.reader.separator
    labels =
      try survey.anomalies.map { .column($0) }
      ?? table.anomalies.map { path throws(WeftError) in
        if !PathParts.name(of: path).lowercased().hasSuffix(".json"),
          FileManager.default.fileExists(atPath: path)
        {
          throw .usage(
            "--anomalies: \(table.file) has no column '\(path)'; labels in a file of their own become a column by paste"
              + " -d '\(Character(UnicodeScalar(separator)))' \(table.file) \(path) > labelled.csv")
        }
        guard survey.time != nil else {
          throw .usage(
            "--anomalies: \(table.file) has no column '\(path)', and windows of a JSON file need --time")
        }
        guard table.files.count == 1 else {
          throw .usage("--anomalies: windows of a JSON file are of one table; convert each by itself")
        }
        return .windows(try AnomalyWindows(path, of: table.file, survey.timeReading))
      }
  }

  /// The next row; nil after the last one.
  func next() throws -> Row? {
    if !pending.isEmpty { return pending.removeFirst() }
    while let fields = try rows.next() {
      let hasNewGroup = try enterGroup(fields)
      rowOfGroup = hasNewGroup || groupIndex < 0 ? 1 : rowOfGroup + 1
      if rowOfGroup == 1 { groupIndex += 1 }
      // A group without any value is no series to forecast.
      let known = survey.knownRows.isEmpty ? 0 : survey.knownRows[groupIndex]
      let isFuture = known > 0 && rowOfGroup > known
      let split = split(of: fields)
      if hasNewGroup {
        last = last.map { _ in nil }
        times.restart()
        (lastTime, hasRows, statics) = (nil, false, nil)
      }
      let previous = lastTime
      guard let time = try moment(of: fields) else { continue }
      var gap = try fillers(from: previous, to: time, split: lastSplit)
      if isFuture { for row in gap.indices { gap[row].isFuture = true } }
      lastSplit = split
      guard !isFuture || hasRows, let values = try values(fields, isFuture: isFuture) else {
        dropped += 1
        continue
      }
      hasRows = true
      if !isFuture { try checkStatics(values) }
      if isFuture {
        future.rows += gap.count + 1
        if rowOfGroup == known + 1 { future.series += 1 }
      }
      let step = SeriesStep(
        inputs: Array(values.prefix(survey.inputs.count)),
        targets: Array(values.dropFirst(survey.inputs.count)), time: time,
        isAnomaly: isFuture ? nil : try labels?.label(fields, time: time, reader))
      let row = Row(step: step, split: split, group: groupIndex, name: lastGroup, isFuture: isFuture)
      if gap.isEmpty { return row }
      pending = gap + [row]
      return pending.removeFirst()
    }
    return nil
  }

  /// The static features of the current group; nil before its first row.
  private var statics: ArraySlice<Double>?

  private func isStatic(_ index: Int) -> Bool {
    (survey.inputs.count - table.statics.count..<survey.inputs.count).contains(index)
  }

  /// - Throws: If a static feature differs from those of the rows before it in its group.
  private func checkStatics(_ values: [Double]) throws(WeftError) {
    if table.statics.isEmpty { return }
    let own = values[survey.inputs.count - table.statics.count..<survey.inputs.count]
    if let statics, let place = own.indices.first(where: { own[$0].bitPattern != statics[$0].bitPattern }) {
      throw reader.failure(
        "differs from the rows before it in the group; static columns have one value in each, use --covariates for others",
        column: survey.inputs[place].name)
    }
    statics = own
  }

  /// Whether a row of the current group, or of the table, was not omitted.
  private var hasRows = false

  private func split(of fields: TableRow) -> Int {
    if let group = survey.group, !table.splitsSeries { return table.plan.split(of: group.value(fields).utf8) }
    return survey.split(ofRow: rowOfGroup, in: groupIndex, table.plan)
  }

  private func enterGroup(_ fields: TableRow) throws(WeftError) -> Bool {
    guard let column = survey.group else { return false }
    let group = column.value(fields)
    if group == lastGroup { return false }
    lastGroup = group
    guard groups.insert(ContentHash(group.utf8).value).inserted else {
      throw reader.failure(
        "the group '\(group)' continues after another group; sort the table by this column\(sorting(column))",
        column: column.name)
    }
    return true
  }

  /// How to sort a table by groups or times, of which equal ones stay in order.
  private func sorting(_ column: JointColumn) -> String {
    if !reader.isSeekable { return "; of a table that is not compressed, rows are sorted, too: gunzip" }
    guard reader.isPlain else { return "" }
    let separator = reader.separator == 9 ? "$'\\t'" : "'\(Character(UnicodeScalar(reader.separator)))'"
    let keys = column.indices.map { "-k\($0 + 1),\($0 + 1)" }.joined(separator: " ")
    return
      ": (head -n \(reader.headerLine) \(table.file); tail -n +\(reader.headerLine + 1) \(table.file) | sort -s -t"
      + " \(separator) \(keys)) > sorted.csv"
  }

  /// The time of a row, nil inside without a time column; nil outside if the row is left out, because its time does not
  /// exist or was there before.
  private func moment(of fields: TableRow) throws(WeftError) -> Double?? {
    guard let column = survey.time else { return .some(nil) }
    let field = column.value(fields)
    let time: Double
    switch survey.timeReading.moment(field, after: lastTime) {
    case .at(let moment): time = reader.rowTime ?? moment
    case .skipped:
      let isEmpty = columns.allSatisfy {
        $0.value(fields, table.format) == nil
      }
      if isEmpty { return nil }
      throw reader.failure(
        "'\(field)' \(TableTime.skippedAdvice)",
        column: column.name)
    case .unreadable(let reason):
      // Totals and notes have no digit where others have a date.
      let isRow = field.contains(where: \.isNumber)
      throw reader.failure(
        "'\(field)' \(reason ?? "is not a time\(wanted(column, field))")"
          + (isRow ? "" : "; if the line is no row, leave it out with --skip-lines \(reader.line)"),
        column: column.name)
    }
    switch times.add(time, clock: survey.timeScale.clock(time), line: reader.line) {
    case .ascending: break
    case .equal:
      if table.timeReading.step != nil {
        doubled += 1
        return nil
      }
      throw reader.failure(
        "'\(field)' is also the time of the previous row; remove one of them, leave doubled rows out with --every,"
          + " name the column that tells several series apart with --group, or leave --time out\(clockAdvice(time))",
        column: column.name)
    case .descending:
      if let lastTime, lastTime - time <= 3600, case let advice = clockAdvice(time), !advice.isEmpty {
        throw reader.failure("'\(field)' is before the previous row\(advice)", column: column.name)
      }
      if survey.timeReading.unit == .elapsed {
        throw reader.failure(
          "'\(field)' is before the previous row; if times are of a day, name the column of the date as well, such as"
            + " --time Date,Time", column: column.name)
      }
      throw reader.failure(
        "'\(field)' is before the previous row; \(survey.group == nil ? "name the column that tells several series apart with --group, or " : "")sort rows by"
          + " time with --sort\(reader.isSeekable ? "" : ", of a table that is not compressed")",
        column: column.name)
    }
    lastTime = time
    return .some(time)
  }

  /// What to do about local times at which clocks may have gone back, in a night of spring or autumn.
  private func clockAdvice(_ time: Double) -> String {
    guard survey.timeScale == .local, abs(time) < 1e13 else { return "" }
    let day = CivilDay(number: Int((time / 86_400).rounded(.down)))
    let hour = (time - Double(day.number) * 86_400) / 3600
    return hour < 4 && [3, 4, 9, 10, 11].contains(day.month)
      ? "; if clocks went back, tell the zone of local times, such as --time-zone Europe/Berlin" : ""
  }

  /// The wanted form of times, which several columns have only with a format.
  private func wanted(_ column: JointColumn, _ field: String) -> String {
    if column.indices.count == 2, table.timeReading.format == nil,
      column.name.lowercased().contains(/doy|day.?of.?year|jday|julian/)
    {
      return "; use --time-format '%Y %j'"
    }
    return column.indices.count > 1 && table.timeReading.format == nil
      && TimeFormat.suggestions(for: MissingValues.trimmed(field)).isEmpty
      ? "; tell the format of the columns, such as --time-format '%Y %m %d %H' of year,month,day,hour"
      : survey.timeReading.wanted(field, of: column.name)
  }

  /// The rows of the time grid between two rows.
  ///
  /// - Throws: If missing rows are an error, or a time is not on the grid.
  private func fillers(from previous: Double?, to time: Double?, split: Int) throws(WeftError) -> [Row] {
    guard let distance = table.timeReading.step, let previous, let time, let column = survey.time else {
      return []
    }
    guard let (count, step) = distance.steps(from: previous, to: time, survey.timeScale) else {
      let advice =
        survey.timeScale == .numbers
        ? "" : "; tell the zone of local times with --time-zone, and months with 1month"
      throw reader.failure(
        "the time since the previous row, \(time - previous) seconds, is no multiple of --every; gather rows in steps with"
          + " --resample mean, first, last, min, max or sum\(advice)",
        column: column.name)
    }
    let missing = count - 1
    if missing == 0 { return [] }
    gapSteps += missing
    gapCount += 1
    switch table.missing {
    case .drop: return []
    case .error where !table.sumsGaps:
      throw reader.failure(
        "\(Self.rows(missing)) missing before this one; fill them with --missing forward or mean, leave the gap with"
          + " --missing drop, or write NaN with --missing keep", column: column.name)
    case .error, .forward, .mean, .keep: break
    }
    guard missing <= 10 * survey.rows + 1000 else {
      throw reader.failure(
        "\(Self.rows(missing)) missing before this one, more than a table of \(survey.rows) rows can be filled with",
        column: column.name)
    }
    let values = columns.indices.map { index -> Double in
      if isStatic(index) || table.targetPer == .group && index >= survey.inputs.count {
        return last[index] ?? .nan
      }
      if table.sumsGaps, columns[index].isNumeric { return 0 }
      if table.missing == .keep {
        if let missing = columns[index].missingNumber { return Double(missing) }
        // Where no name is missing, none stands for one; that of a target is −1.
        if columns[index].isNumeric || index >= survey.inputs.count { return .nan }
      }
      // A category has no mean.
      return (table.missing == .mean && columns[index].isNumeric ? columns[index].mean : last[index])
        ?? last[index] ?? 0
    }
    if !table.sumsGaps { filled += missing * columns.count }
    return (1...missing).map { number in
      let time = step.time(number, after: previous, survey.timeScale)
      return Row(
        step: SeriesStep(
          inputs: Array(values.prefix(survey.inputs.count)),
          targets: Array(values.dropFirst(survey.inputs.count)), time: time,
          isAnomaly: labels?.label(time: time)), split: split, group: groupIndex, name: lastGroup)
    }
  }

  /// Bytes of the row that was read last.
  var byteCount: Int { rows.byteCount }

  /// Values of inputs and targets; nil if the row is omitted.
  ///
  /// - Parameter isFuture: Whether only covariates are wanted.
  private func values(_ fields: TableRow, isFuture: Bool) throws(WeftError) -> [Double]? {
    var values: [Double] = []
    values.reserveCapacity(columns.count)
    for index in columns.indices {
      if isFuture, index < table.inputs.count || index >= table.inputs.count + table.covariates.count {
        values.append(.nan)
        continue
      }
      if let place = numericIndices[index], let value = table.format.plainNumber(fields, place) {
        values.append(value)
        last[index] = value
        continue
      }
      var value = columns[index].value(fields, table.format)
      // What a row lacks of a static feature is what the group has.
      if value == nil, isStatic(index), let statics, !isFuture {
        values.append(statics[index])
        continue
      }
      if value == nil {
        let column = columns[index]
        let field = fields[column.index]
        switch table.missing {
        case .error:
          throw reader.failure(
            "missing value; handle missing values with --missing forward, mean, drop or keep"
              + (MissingValues.isWord(field)
                ? ", or use --categories '\(column.name)' if '\(field)' is a name" : ""),
            column: column.name)
        case .drop where isFuture:
          throw reader.failure(
            "missing value of a row to forecast, which cannot be omitted; use --missing forward or mean",
            column: column.name)
        case .drop: return nil
        case .keep:
          // A missing name is no NaN.
          if column.missingNumber != nil { filled -= 1 }
          value = column.missingNumber.map(Double.init) ?? .nan
        case .forward:
          value = last[index]
          if value == nil {
            throw reader.failure(
              "missing value without a previous value; use --missing mean, drop or keep", column: column.name)
          }
        case .mean:
          value = column.mean
          if value == nil {
            throw reader.failure(
              "missing value, and the column has no mean in the training rows", column: column.name)
          }
        }
        filled += 1
      }
      values.append(value ?? 0)
      last[index] = value
    }
    return values
  }
}
