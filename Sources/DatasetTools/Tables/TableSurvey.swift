import WeftBase

/// A column, or several whose values are joined.
struct JointColumn {
  /// The name, as the user wrote it.
  let name: String
  /// Indices in a record.
  let indices: [Int]
  /// Between their values.
  let separator: String
  /// How numbers are written, where they are times; nil for texts as they are.
  var numbers: TableFormat?

  /// The value of a record.
  func value(_ fields: TableRow) -> String {
    let text =
      indices.count == 1 ? fields[indices[0]] : indices.map { fields[$0] }.joined(separator: separator)
    return numbers?.time(text) ?? text
  }
}

/// Result of the first pass over a table: its columns and rows.
struct TableSurvey {
  /// Columns of inputs, followed by those of covariates and static ones.
  private(set) var inputs: [TableColumn]
  private(set) var targets: [TableColumn]
  let time: JointColumn?
  let group: JointColumn?
  /// The column of anomalies, if the table has one of that name.
  let anomalies: AnomalyColumn?
  /// How times are written.
  private(set) var timeReading: TableTime
  private(set) var rows = 0
  /// What the times are.
  private(set) var timeScale = TimeScale.numbers
  /// Number of rows of each group, or of the whole table, up to the last with a value of the inputs or targets: those
  /// after it are known in advance, and to be forecast. Empty without covariates.
  private(set) var knownRows: [Int] = []
  /// Number of rows of each group, or of the whole table.
  private(set) var seriesRows: [Int] = []
  /// The order of rows; nil for that of the file.
  private(set) var order: RowOrder?
  /// What was left out of the table.
  private(set) var readerNotes: [String] = []
  /// What the user should know, one per line.
  private(set) var notes: [String] = []

  init(_ table: TableDataset, _ progress: ProgressReporter) throws {
    let reader = try table.reader()
    func column(
      _ name: String, _ option: String, _ role: TableColumn.Role = .input
    ) throws(WeftError) -> TableColumn {
      TableColumn(
        name: name, index: try reader.index(of: name, option: option),
        isCategorical: table.categories.contains(name), role: role)
    }
    let chosen = table.inputs + table.covariates + table.statics + table.targets
    for name in table.categories where !chosen.contains(name) {
      throw WeftError.usage(
        "--categories: '\(name)' is not among --inputs, --covariates, --static and --targets")
    }
    inputs =
      try table.inputs.map { try column($0, "inputs") }
      + table.covariates.map { try column($0, "covariates") } + table.statics.map { try column($0, "static") }
    targets = try table.targets.map { try column($0, "targets", .target) }
    anomalies = try table.anomalies.flatMap { name throws(WeftError) in
      try reader.index(of: name).map { AnomalyColumn(name: name, index: $0) }
    }
    func joint(_ name: String, _ option: String, separator: String) throws(WeftError) -> JointColumn {
      JointColumn(
        name: name, indices: try reader.indices(of: name, option: option), separator: separator)
    }
    time = try table.time.map { name throws(WeftError) in
      var column = try joint(name, "time", separator: " ")
      column.numbers = table.format
      return column
    }
    group = try table.group.map { try joint($0, "group", separator: ",") }
    timeReading = table.timeReading
    var numericTimes = NumericTimes()
    progress.begin("reading the table", total: reader.byteCount, unit: "B")
    var last = 0
    var (rowOrder, marks) = (
      RowOrderSurvey(sorts: table.sortsRows), DecimalEvidence(table.format, separator: reader.separator)
    )
    var (plainTimes, dayMonth) = (timeReading, DayMonthDoubt(timeReading.format))
    // Local times are in the order of their clock, but for an hour in autumn.
    plainTimes.zone = nil
    var telling = TellingInputs(
      // What a forecast or a prediction of the next row reads is all known when it is made.
      inputs: Array(inputs.prefix(table.inputs.count)),
      targets: table.forecasts || table.next != nil ? [] : targets, mayMap: table.targetPer == .step)
    var unnamed = table.unnamed
    var several =
      table.group == nil && table.time == nil && table.pivot == nil && table.format.hasHeader
      ? SeveralSeriesDoubt(reader.names.map { [$0] == table.inputs || table.targets.contains($0) ? "" : $0 })
      : nil
    while let fields = try reader.next() {
      unnamed.removeAll { !table.format.isMissing(fields[$0]) }
      let name = group?.value(fields)
      let isTraining =
        name.map { table.plan.split(of: $0.utf8) == 0 } ?? true
      for index in inputs.indices {
        try inputs[index].add(fields, isTraining: isTraining, reader)
      }
      for index in targets.indices {
        try targets[index].add(fields, isTraining: isTraining, reader)
      }
      marks.add(fields, reader)
      several?.add(fields, line: reader.line)
      telling.add(fields, table.format, group: name)
      var moment: Double?
      if let time {
        let text = time.value(fields)
        numericTimes.add(text)
        if rowOrder.needsTimes || dayMonth.isOpen, case .at(let time) = plainTimes.moment(text, after: nil) {
          dayMonth.add(text, read: time)
          if rowOrder.needsTimes { moment = time }
        }
      }
      let isKnown =
        table.covariates.isEmpty
        || inputs.prefix(table.inputs.count).contains { !table.format.isMissing(fields[$0.index]) }
        || targets.contains { !table.format.isMissing(fields[$0.index]) }
      rowOrder.add(group: name, time: moment, isKnown: isKnown, offset: reader.rowOffset, line: reader.line)
      rows += 1
      progress.advance(by: reader.offset - last)
      last = reader.offset
    }
    guard rows > 0 else { throw WeftError.data("\(table.file): contains no rows") }
    try reader.checkPartners(rows: rows)
    seriesRows = rowOrder.rows
    if !table.covariates.isEmpty { knownRows = rowOrder.knownRows }
    if table.sortsRows, !reader.isSeekable, table.pivot == nil {
      throw WeftError.usage(
        "--sort: \(table.file) is compressed, so that rows cannot be read in another order; gunzip it")
    }
    if reader.isSeekable, let order = rowOrder.order {
      self.order = order
      notes += rowOrder.notes
    }
    if let note = rowOrder.unnamedNote {
      notes.append(note + (group.map { "; \(Self.fillingAdvice($0, reader))" } ?? ""))
    }
    if let note = several?.note { notes.append(note) }
    readerNotes = reader.notes
    if let first = table.unnamed.first(where: { !unnamed.contains($0) }) {
      try reader.checkTitle(unnamed: table.unnamed)
      let count = table.unnamed.count - unnamed.count
      notes.append(
        count > 1
          ? "left out \(count) columns without a name, of which column \(first + 1) is the first; name them to use them"
          : "left out column \(first + 1), which has no name; "
            + (table.unnamed.count == 1 ? "--inputs '*,' takes it as well" : "name it to use it")
      )
    }
    notes += shapeNotes(table, reader)
    try marks.check(inputs + targets, reader)
    if inputs.contains(where: \.lacksNumbers) { try collectNumbers(table) }
    var unfit: [(column: String, error: WeftError)] = []
    for index in inputs.indices {
      do throws(WeftError) {
        try inputs[index].finish(wantsCategories: false, keepsMissing: table.missing == .keep, reader)
      } catch {
        unfit.append((inputs[index].name, error))
      }
    }
    if let first = unfit.first {
      let names = unfit.map(\.column).joined(separator: ",").shellQuoted
      throw unfit.count == 1
        ? first.error
        : first.error.saying("\(first.error.message); --skip \(names) leaves all such columns out")
    }
    for index in targets.indices {
      try targets[index].finish(wantsCategories: table.targetsAreClasses, reader)
    }
    if timeReading.format == nil, timeReading.unit == nil {
      timeReading.unit = numericTimes.unit
      if let note = numericTimes.note { notes.append(note) }
      if let note = numericTimes.mixedNote { notes.append(note) }
    }
    if let note = dayMonth.note { notes.append(note) }
    timeScale = timeReading.scale(numericTimes)
    // Which rows are for training is known once they are counted.
    let areParts = group == nil ? table.plan.names.count > 1 : table.splitsSeries
    if table.missing == .mean, areParts || order != nil { try measureMeans(table) }
    // Nothing is told twice of what is both.
    let ownTargets = targets.filter { target in !inputs.contains { $0.index == target.index } }
    notes += marks.notes(inputs + targets, reader)
    // Static features repeat in each row of a group.
    notes += OutlierSurvey.notes((inputs.dropLast(table.statics.count) + ownTargets).flatMap(\.doubts))
    if let note = totalNote(of: inputs.prefix(table.inputs.count) + ownTargets, reader) { notes.append(note) }
    let constant = (inputs.prefix(table.inputs.count) + ownTargets).compactMap(\.constantNote)
    let shown = constant.count > Self.mostConstants + 1 ? Self.mostConstants : constant.count
    notes += constant.prefix(shown)
    if shown < constant.count {
      notes.append("\(constant.count - shown) other columns have the same value in all rows, too, or none")
    }
    // Of many columns that are alike, none is an index.
    let indices = inputs.prefix(table.inputs.count).compactMap(\.countNote)
    if order == nil, group == nil, table.inputs.count > 1, indices.count == 1 { notes += indices }
    notes += targetNotes(table)
    notes += telling.notes
    let precise = (inputs + ownTargets).compactMap(\.precisionNote)
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

  /// The split of a row, where the splits are consecutive parts of each series.
  ///
  /// - Parameters:
  ///   - series: The number of its series.
  ///   - row: Its number in the series, from 1. What is to be forecast is in the split of the last row before it.
  func split(ofRow row: Int, in series: Int, _ plan: SplitPlan) -> Int {
    let known = dividedRows(of: series)
    return plan.split(ofStep: min(row, known) - 1, of: known)
  }

  /// Rows of a series without those to be forecast.
  private func dividedRows(of series: Int) -> Int {
    knownRows.isEmpty || knownRows[series] == 0 ? seriesRows[series] : knownRows[series]
  }

  /// Rows of the longest series for training.
  func longestTraining(_ table: TableDataset) -> Int {
    let longest = seriesRows.indices.map(dividedRows).max() ?? 0
    return group == nil || table.splitsSeries
      ? Int((table.plan.fractions[0] * Double(longest)).rounded()) : longest
  }

  /// Collects the numbers of columns of names, which are few: most columns are numbers alone, and have no names to keep.
  private mutating func collectNumbers(_ table: TableDataset) throws {
    let reader = try table.reader()
    let columns = inputs.indices.filter { inputs[$0].lacksNumbers }
    while let fields = try reader.next() {
      for index in columns { inputs[index].collectNumber(fields, table.format) }
    }
  }

  /// Computes the means of columns over exactly the rows that are for training.
  private mutating func measureMeans(_ table: TableDataset) throws {
    for index in inputs.indices { inputs[index].resetMean() }
    for index in targets.indices { targets[index].resetMean() }
    let rows = OrderedRows(try table.reader(), order)
    var (last, series, row) = (nil as String?, -1, 0)
    while let fields = try rows.next() {
      let name = group?.value(fields)
      if series < 0 || name != last { (last, series, row) = (name, series + 1, 0) }
      row += 1
      let split =
        if let name, !table.splitsSeries { table.plan.split(of: name.utf8) } else {
          split(ofRow: row, in: series, table.plan)
        }
      guard split == 0 else { continue }
      for index in inputs.indices { inputs[index].addToMean(fields, table.format) }
      for index in targets.indices { targets[index].addToMean(fields, table.format) }
    }
  }

  /// The inputs that are numbers, where others are names and cannot be forecast; nil if all are numbers.
  ///
  /// - Throws: If none is.
  func numbersBesideNames(_ table: TableDataset) throws(WeftError) -> [String]? {
    let own = inputs.prefix(table.inputs.count)
    guard let first = own.first(where: { !$0.isNumeric }) else { return nil }
    let numbers = own.filter(\.isNumeric).map(\.name)
    guard !numbers.isEmpty else {
      throw .usage(
        "--horizon: forecasts numbers, but '\(first.name)' contains names; --next \(first.name.shellQuoted), without --horizon,"
          + " predicts the name in the next row")
    }
    return numbers
  }

  /// Notes on what is to be predicted of which inputs.
  private func targetNotes(_ table: TableDataset) -> [String] {
    let own = inputs.prefix(table.inputs.count)
    if table.forecasts || table.next != nil {
      let unread = table.targets.filter { !table.inputs.contains($0) }
      if let first = unread.first {
        return [
          "the target '\(first)' is no input, so that its own past does not tell what follows; name it in --inputs as well"
        ]
      }
      guard table.forecasts, !table.targets.isEmpty, let named = own.first(where: { !$0.isNumeric }) else {
        return []
      }
      return ["'\(named.name)', of names, is read as an input, and not forecast"]
    }
    if let name = table.targets.first(where: table.inputs.contains) {
      return [
        "the target '\(name)' is an input of the same step as well, which tells it; to forecast it from its own past and the"
          + " other inputs, add --horizon and --configuration"
      ]
    }
    guard table.targets.isEmpty, table.anomalies == nil, let first = own.first(where: { !$0.isNumeric }),
      own.allSatisfy({ !$0.isNumeric })
    else { return [] }
    return [
      "there is no target; --next \(first.name.shellQuoted) makes the name in the next row the class to predict"
    ]
  }

  /// Notes on columns that may be the steps of a series in each row.
  private func shapeNotes(_ table: TableDataset, _ reader: TableReader) -> [String] {
    let isOfHeader = table.format.hasHeader && table.pivot == nil
    // Made once, as it takes longer than to use it.
    let day = /^\d{1,4}[-\/.]\d{1,2}([-\/.]\d{2,4})?$/
    if isOfHeader, let name = table.inputs.first(where: { $0.contains(day) }) {
      return [
        "the name of column '\(name)' looks like a time; tables with a series in each row are for weft data wide"
      ]
    }
    if isOfHeader, let advice = WideTableSteps.monthAdvice(table.inputs, reader, beside: table.time) {
      return ["each row is a step; \(advice)"]
    }
    if isOfHeader, table.time == nil || group != nil && seriesRows.count == rows,
      table.inputs.count >= Self.manyNumbered, let (first, last) = WideTableSteps.numbered(table.inputs)
    {
      return [
        "each row is a step of \(NumberText.counted(table.inputs.count, "features")), '\(first)' to '\(last)'; tables with a series in each row are"
          + " for weft data wide"
      ]
    }
    if rows == 1, table.inputs.count > 1 {
      return [
        "the table has one row, of \(NumberText.counted(table.inputs.count, "features")); if they are the steps of a series, write each on a line"
          + " of its own, as tr -s '\(reader.separator == 9 ? "\\t" : String(UnicodeScalar(reader.separator)))' '\\n' does"
      ]
    }
    if group != nil, seriesRows.count > 1, seriesRows.count == rows {
      return ["each series has a single row; does the column of --group tell series apart?"]
    }
    return []
  }

  /// How to write names of groups that are in the first rows of groups alone into all rows.
  private static func fillingAdvice(_ group: JointColumn, _ reader: TableReader) -> String {
    let names = group.indices.map { "'\(reader.names[$0])'" }.joined(separator: ", ")
    return
      "if each is in the first row of its group alone: t = \(reader.pandasCall); t[[\(names)]] = t[[\(names)]].ffill();"
      + " t.to_csv('filled.csv', index=False)"
  }

  /// Columns with the same value in all rows that are told one by one.
  private static let mostConstants = 10
  /// Columns from which on consecutive numbers as names are told.
  private static let manyNumbered = 30

  /// A note on a last row that is the sum of the others, as reports end with it.
  private func totalNote(of columns: [TableColumn], _ reader: TableReader) -> String? {
    let numeric = columns.filter(\.isNumeric)
    guard group == nil, order == nil, !numeric.isEmpty, numeric.allSatisfy(\.endsWithSum) else { return nil }
    return
      "the last row, line \(reader.line), is the sum of the others; leave it out with --skip-lines \(reader.line) if it is a"
      + " total"
  }
}
