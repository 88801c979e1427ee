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
  private(set) var dropped = 0

  init(_ table: TableDataset, _ survey: TableSurvey) throws {
    self.table = table
    self.survey = survey
    reader = try TableReader(table.file, format: table.format)
    last = Array(repeating: nil, count: survey.inputs.count + survey.targets.count)
  }

  /// The next row; nil after the last one.
  func next() throws -> Row? {
    while let fields = try reader.next() {
      let hasNewGroup = try enterGroup(fields)
      let split = lastSplit(of: fields)
      index += 1
      if hasNewGroup || split != lastSplit { last = last.map { _ in nil } }
      if hasNewGroup { times.restart() }
      lastSplit = split
      beginsGroup = beginsGroup || hasNewGroup
      let time = try time(fields)
      guard let values = try values(fields) else {
        dropped += 1
        continue
      }
      let step = SeriesStep(
        inputs: values.prefix(survey.inputs.count).map { Float($0) },
        targets: values.dropFirst(survey.inputs.count).map { Float($0) }, time: time)
      defer { beginsGroup = false }
      return Row(step: step, split: split, beginsGroup: beginsGroup)
    }
    return nil
  }

  /// Whether all rows of the current group were omitted so far.
  private var beginsGroup = false

  private func lastSplit(of fields: [String]) -> Int {
    if let group = survey.group { return table.plan.split(of: fields[group.index].utf8) }
    var bound = 0.0
    for (split, fraction) in table.plan.fractions.enumerated() {
      bound += fraction * Double(survey.rows)
      if Double(index) < bound.rounded() { return split }
    }
    return table.plan.fractions.count - 1
  }

  private func enterGroup(_ fields: [String]) throws(WeftError) -> Bool {
    guard let column = survey.group else { return false }
    let group = fields[column.index]
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

  private func time(_ fields: [String]) throws(WeftError) -> Double? {
    guard let column = survey.time else { return nil }
    let field = fields[column.index]
    guard let time = Timestamp.value(field) else {
      throw reader.failure(
        "'\(field)' is not a time; use numbers or ISO 8601, such as 2026-01-31T12:00",
        column: column.name)
    }
    switch times.add(time, line: reader.line) {
    case .ascending: break
    case .equal:
      throw reader.failure(
        "'\(field)' is also the time of the previous row; remove one of them, or name the column that tells several"
          + " series apart with --group", column: column.name)
    case .descending:
      throw reader.failure(
        "'\(field)' is before the previous row; sort the table by this column", column: column.name)
    }
    return time
  }

  /// Values of inputs and targets; nil if the row is omitted.
  private func values(_ fields: [String]) throws(WeftError) -> [Double]? {
    var values: [Double] = []
    for (index, column) in (survey.inputs + survey.targets).enumerated() {
      var value = column.value(fields[column.index], table.format)
      if value == nil {
        switch table.missing {
        case .error:
          throw reader.failure(
            "missing value; handle missing values with --missing forward, mean or drop",
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
