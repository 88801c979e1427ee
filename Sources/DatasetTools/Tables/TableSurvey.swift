import WeftBase

/// A column, or several whose values are joined.
struct JointColumn {
  /// The name, as the user wrote it.
  let name: String
  /// Indices in a record.
  let indices: [Int]
  /// Between their values.
  let separator: String

  /// The value of a record.
  func value(_ fields: [String]) -> String {
    indices.count == 1 ? fields[indices[0]] : indices.map { fields[$0] }.joined(separator: separator)
  }
}

/// Result of the first pass over a table: its columns and rows.
struct TableSurvey {
  /// Columns of inputs, followed by those of covariates.
  private(set) var inputs: [TableColumn]
  private(set) var targets: [TableColumn]
  let time: JointColumn?
  let group: JointColumn?
  /// How times are written.
  private(set) var timeReading: TableTime
  private(set) var rows = 0
  /// What the times are.
  private(set) var timeScale = TimeScale.numbers
  /// Number of rows of each group, or of the whole table, up to the last with a value of the inputs or targets: those
  /// after it are known in advance, and to be forecast. Empty without covariates.
  private(set) var knownRows: [Int] = []
  /// What the user should know, one per line.
  private(set) var notes: [String] = []

  init(_ table: TableDataset, _ progress: ProgressReporter) throws {
    let reader = try TableReader(table.file, format: table.format)
    func column(
      _ name: String, _ option: String, _ role: TableColumn.Role = .input
    ) throws(WeftError) -> TableColumn {
      guard let index = try reader.index(of: name) else {
        throw .usage("--\(option): no column '\(name)' in \(table.file)\(reader.advice(for: name))")
      }
      return TableColumn(name: name, index: index, isCategorical: table.categories.contains(name), role: role)
    }
    for name in table.categories where !(table.inputs + table.covariates + table.targets).contains(name) {
      throw WeftError.usage("--categories: '\(name)' is not among --inputs, --covariates and --targets")
    }
    inputs =
      try table.inputs.map { try column($0, "inputs") }
      + table.covariates.map { try column($0, "covariates") }
    targets = try table.targets.map { try column($0, "targets", .target) }
    func joint(_ name: String, _ option: String, separator: String) throws(WeftError) -> JointColumn {
      // A column's own name may contain commas.
      let names =
        reader.names.contains(name)
        ? [name] : name.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      var indices: [Int] = []
      for name in names { indices.append(try column(name, option).index) }
      return JointColumn(name: name, indices: indices, separator: separator)
    }
    time = try table.time.map { try joint($0, "time", separator: " ") }
    group = try table.group.map { try joint($0, "group", separator: ",") }
    timeReading = table.timeReading
    var numericTimes = NumericTimes()
    // If splits are parts of the table, training rows are determined by their share of the bytes.
    let trainingBytes = Double(reader.byteCount) * table.plan.fractions[0]
    progress.begin("reading the table", total: reader.byteCount, unit: "B")
    var last = 0
    var (lastGroup, ownRows) = (nil as String?, 0)
    while let fields = try reader.next() {
      let isTraining =
        group.map { table.plan.split(of: $0.value(fields).utf8) == 0 }
        ?? (Double(reader.offset) <= trainingBytes)
      for index in inputs.indices {
        try inputs[index].add(fields[inputs[index].index], isTraining: isTraining, reader)
      }
      for index in targets.indices {
        try targets[index].add(fields[targets[index].index], isTraining: isTraining, reader)
      }
      if let time { numericTimes.add(time.value(fields)) }
      if !table.covariates.isEmpty {
        let name = group?.value(fields) ?? ""
        if name != lastGroup {
          knownRows.append(0)
          (lastGroup, ownRows) = (name, 0)
        }
        ownRows += 1
        let series = inputs.prefix(table.inputs.count) + targets
        if series.contains(where: { !table.format.isMissing(fields[$0.index]) }) {
          knownRows[knownRows.count - 1] = ownRows
        }
      }
      rows += 1
      progress.advance(by: reader.offset - last)
      last = reader.offset
    }
    guard rows > 0 else { throw WeftError.data("\(table.file): contains no rows") }
    if let name = table.inputs.first(where: { $0.contains(/^\d{1,4}[-\/.]\d{1,2}([-\/.]\d{2,4})?$/) }) {
      notes.append(
        "the name of column '\(name)' looks like a time; tables with a series in each row are for weft data wide"
      )
    }
    for index in inputs.indices { try inputs[index].finish(wantsCategories: false, reader) }
    for index in targets.indices {
      try targets[index].finish(wantsCategories: table.targetsAreClasses, reader)
    }
    if timeReading.format == nil, timeReading.unit == nil {
      timeReading.unit = numericTimes.unit
      if let note = numericTimes.note { notes.append(note) }
      if let note = numericTimes.mixedNote { notes.append(note) }
    }
    timeScale = timeReading.scale(numericTimes)
    notes += (inputs.prefix(table.inputs.count) + targets).compactMap(\.constantNote)
    let precise = (inputs + targets).compactMap(\.precisionNote)
    if let first = precise.first {
      let more = precise.count - 1
      notes.append(
        first + (more == 0 ? "" : more == 1 ? " and another column" : " and \(more) other columns"))
    }
    let seen = (inputs + targets).reduce(into: Set<String>()) { $0.formUnion($1.seenMarks) }
    // Of the marks that are the same number, one occurs for all.
    let numbers = Set(seen.compactMap(table.format.number))
    for mark in table.format.missingMarks.subtracting(seen).sorted()
    where !(table.format.number(mark).map(numbers.contains) ?? false) {
      notes.append("--missing-mark '\(mark)' does not occur in the columns")
    }
  }
}
