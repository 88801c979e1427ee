import WeftBase

/// A step of a series.
struct SeriesStep {
  var inputs: [Float]
  var targets: [Float]
  var time: Double?
}

/// The second pass over a table: its rows as steps, with missing values handled.
final class TableRows {
  /// A row.
  struct Row {
    let step: SeriesStep
    let split: Int
    let beginsGroup: Bool
    /// The name of its group.
    var name: String?
  }

  let reader: TableReader
  private let table: TableDataset
  private let survey: TableSurvey
  /// Replacement of missing values in the next row, by column.
  private var last: [Double?]
  /// Distances of the rows in time.
  private(set) var times = TimeSteps()
  private var lastGroup: String?
  private var lastSplit = 0
  /// Hashes of completed groups.
  private var groups: Set<UInt64> = []
  private var index = 0
  private(set) var filled = 0
  /// Steps of the time grid that the table lacks.
  private var gapSteps = 0
  private var gapCount = 0
  private var doubled = 0
  private var lastTime: Double?
  /// Rows that are still to be returned, because they fill a gap before the one that was read.
  private var pending: [Row] = []
  private(set) var dropped = 0

  init(_ table: TableDataset, _ survey: TableSurvey) throws {
    self.table = table
    self.survey = survey
    reader = try TableReader(table.file, format: table.format)
    last = Array(repeating: nil, count: survey.inputs.count + survey.targets.count)
  }

  /// The next row; nil after the last one.
  func next() throws -> Row? {
    if !pending.isEmpty { return pending.removeFirst() }
    while let fields = try reader.next() {
      let hasNewGroup = try enterGroup(fields)
      let split = lastSplit(of: fields)
      index += 1
      if hasNewGroup {
        last = last.map { _ in nil }
        times.restart()
        lastTime = nil
      }
      beginsGroup = beginsGroup || hasNewGroup
      let previous = lastTime
      guard let time = try moment(of: fields) else { continue }
      let gap = try fillers(from: previous, to: time, split: lastSplit)
      if split != lastSplit { last = last.map { _ in nil } }
      lastSplit = split
      guard let values = try values(fields) else {
        dropped += 1
        continue
      }
      let step = SeriesStep(
        inputs: values.prefix(survey.inputs.count).map { Float($0) },
        targets: values.dropFirst(survey.inputs.count).map { Float($0) }, time: time)
      defer { beginsGroup = false }
      pending = gap + [Row(step: step, split: split, beginsGroup: beginsGroup, name: lastGroup)]
      return pending.removeFirst()
    }
    return nil
  }

  /// Whether all rows of the current group were omitted so far.
  private var beginsGroup = false

  private func lastSplit(of fields: [String]) -> Int {
    if let group = survey.group { return table.plan.split(of: group.value(fields).utf8) }
    var bound = 0.0
    for (split, fraction) in table.plan.fractions.enumerated() {
      bound += fraction * Double(survey.rows)
      if Double(index) < bound.rounded() { return split }
    }
    return table.plan.fractions.count - 1
  }

  private func enterGroup(_ fields: [String]) throws(WeftError) -> Bool {
    guard let column = survey.group else { return false }
    let group = column.value(fields)
    if group == lastGroup { return false }
    lastGroup = group
    guard groups.insert(ContentHash(group.utf8).value).inserted else {
      throw reader.failure(
        "the group '\(group)' continues after another group; sort the table by this column",
        column: column.name
      )
    }
    return true
  }

  /// The time of a row, nil inside without a time column; nil outside if the row is left out, because its time does not
  /// exist or was there before.
  private func moment(of fields: [String]) throws(WeftError) -> Double?? {
    guard let column = survey.time else { return .some(nil) }
    let field = column.value(fields)
    let time: Double
    switch survey.timeReading.moment(field, after: lastTime) {
    case .at(let moment): time = moment
    case .skipped:
      let isEmpty = (survey.inputs + survey.targets).allSatisfy {
        $0.value(fields[$0.index], table.format) == nil
      }
      if isEmpty { return nil }
      throw reader.failure(
        "'\(field)' does not exist in the time zone, because clocks skip it; are times in another --time-zone?",
        column: column.name)
    case .unreadable(let reason):
      throw reader.failure(
        "'\(field)' \(reason ?? "is not a time\(survey.timeReading.wanted)")", column: column.name)
    }
    switch times.add(time, line: reader.line) {
    case .ascending: break
    case .equal:
      if table.timeReading.step != nil {
        doubled += 1
        return nil
      }
      throw reader.failure(
        "'\(field)' is also the time of the previous row; remove one of them, leave doubled rows out with --every, or"
          + " name the column that tells several series apart with --group", column: column.name)
    case .descending:
      throw reader.failure(
        "'\(field)' is before the previous row; sort the table by this column", column: column.name)
    }
    lastTime = time
    return .some(time)
  }

  /// The rows of the time grid between two rows.
  ///
  /// - Throws: If missing rows are an error, or a time is not on the grid.
  private func fillers(from previous: Double?, to time: Double?, split: Int) throws(WeftError) -> [Row] {
    guard let step = table.timeReading.step, let previous, let time, let column = survey.time else {
      return []
    }
    let count = (time - previous) / step
    guard abs(count - count.rounded()) < 1e-6 * max(1, count, 1 / step), count.rounded() >= 1 else {
      throw reader.failure(
        "the time since the previous row, \(time - previous) seconds, is no multiple of --every",
        column: column.name)
    }
    let missing = Int(min(count.rounded(), 1e15)) - 1
    if missing == 0 { return [] }
    gapSteps += missing
    gapCount += 1
    switch table.missing {
    case .drop: return []
    case .error:
      throw reader.failure(
        "\(Self.rows(missing)) missing before this one; fill them with --missing forward or mean, or leave the gap with"
          + " --missing drop", column: column.name)
    case .forward, .mean: break
    }
    guard missing <= 10 * survey.rows + 1000 else {
      throw reader.failure(
        "\(Self.rows(missing)) missing before this one, more than a table of \(survey.rows) rows can be filled with",
        column: column.name)
    }
    let columns = survey.inputs + survey.targets
    let values = columns.indices.map { index in
      // A category has no mean.
      (table.missing == .mean && columns[index].isNumeric ? columns[index].mean : last[index]) ?? last[index]
        ?? 0
    }
    filled += missing * columns.count
    return (1...missing).map { number in
      Row(
        step: SeriesStep(
          inputs: values.prefix(survey.inputs.count).map { Float($0) },
          targets: values.dropFirst(survey.inputs.count).map { Float($0) },
          time: previous + Double(number) * step), split: split, beginsGroup: false)
    }
  }

  private static func rows(_ count: Int) -> String { count == 1 ? "1 row" : "\(count) rows" }

  /// Notes on gaps and doubled times.
  var timeNotes: [String] {
    guard table.timeReading.step != nil else { return times.notes }
    var notes: [String] = []
    if doubled > 0 { notes.append("left out \(Self.rows(doubled)) whose time was there before") }
    if gapSteps > 0 {
      let treatment = table.missing == .drop ? "left" : "filled (\(table.missing.rawValue))"
      notes.append("\(treatment) \(gapCount == 1 ? "a gap" : "\(gapCount) gaps") of \(Self.rows(gapSteps))")
    }
    return notes
  }

  /// Values of inputs and targets; nil if the row is omitted.
  private func values(_ fields: [String]) throws(WeftError) -> [Double]? {
    var values: [Double] = []
    for (index, column) in (survey.inputs + survey.targets).enumerated() {
      var value = column.value(fields[column.index], table.format)
      if value == nil {
        switch table.missing {
        case .error:
          let field = fields[column.index]
          throw reader.failure(
            "missing value; handle missing values with --missing forward, mean or drop"
              + (MissingValues.isWord(field)
                ? ", or use --categories '\(column.name)' if '\(field)' is a name" : ""),
            column: column.name)
        case .drop: return nil
        case .forward:
          value = last[index]
          if value == nil {
            throw reader.failure(
              "missing value without a previous value", column: column.name)
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
