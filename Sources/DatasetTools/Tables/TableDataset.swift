import HDF5
import WeftBase

/// Converts a table of separated values into numeric series.
///
/// Without groups, the table is one stream, whose consecutive parts are the splits, or is cut into windows. With a
/// group column, the rows with the same value are a sequence, assigned to a split by that value, or divided by time.
public struct TableDataset {
  /// The table: `.csv`, `.tsv`, or one of them compressed as `.gz`.
  public var file: String
  /// Files of the same columns, whose rows follow. A column `file` names the file of each row.
  public var furtherFiles: [String] = []
  /// How a long table becomes one with a column for each name; nil for a table as it is.
  public var pivot: TablePivot?
  /// Feature columns; `*` in a name stands for any text.
  public var inputs: [String]
  /// Columns that are left out of `inputs`; `*` in a name stands for any text.
  public var skipped: [String] = []
  /// Columns that are known in advance, such as the price of the next day.
  public var covariates: [String] = []
  /// Columns that have one value in each group, such as the type of a shop.
  public var statics: [String] = []
  /// Target columns; empty for none. A single column of names is a class.
  public var targets: [String] = []
  /// The column whose value in the next row of the series is the target, a class; nil for none.
  public var next: String?
  /// Whether what follows is to be forecast: the targets, whose past is an input as well, or all inputs that are numbers.
  public var forecasts = false
  /// Columns whose values are names, even if they are numbers.
  public var categories: [String] = []
  /// How the table is written.
  public var format = TableFormat()
  /// Whether numbers in the target column are class names.
  public var targetsAreClasses = false
  /// The time column, which must not decrease, or several that are joined with spaces, separated by commas.
  public var time: String?
  /// How times are written, and how far apart rows are.
  public var timeReading = TableTime()
  /// The group column, constant within a sequence, or several, separated by commas.
  public var group: String?
  /// What has a target of its own.
  public enum TargetUnit: String, CaseIterable, Sendable {
    /// Each row.
    case step
    /// Each group, in all of whose rows it is the same.
    case group
    /// Each window: that of its last row.
    case window
  }
  /// What has a target of its own.
  public var targetPer = TargetUnit.step
  /// The column that names the file of each row.
  public static let fileColumn = TableReader.fileColumn
  /// The column of the classes that names of files tell.
  public static let classColumn = "class"
  /// How the names of files tell the class of their rows, which becomes a column `class`; nil for files that tell none.
  public var classPattern: NamePattern?
  /// Whether each sequence of a group is divided by time, rather than assigned to a split.
  public var dividesGroups = false
  /// The column that tells anomalies, or a JSON file of the windows in which they are; nil for none.
  public var anomalies: String?
  /// Rows per window; nil for no windows.
  public var window: Int?
  /// Treatment of missing values.
  public var missing = MissingValues.error
  /// Splits with their fractions.
  public var plan = SplitPlan.whole
  /// Rows before its own that each split of a series but the first begins with; nil for none.
  public var leadIn: LeadIn?
  /// Whether splits are consecutive parts of several series.
  var splitsSeries: Bool { group != nil && dividesGroups }

  /// What becomes of several rows in one step of `timeReading.step`; nil for rows at even times.
  public var resampling: TableAggregate?
  /// Whether steps without rows are sums of nothing, 0, rather than missing.
  var sumsGaps: Bool { resampling == .sum && missing != .keep }
  /// Other tables whose columns are those of rows with the same keys.
  public var joins: [TableJoin] = []
  /// Whether rows are sorted by time within each group.
  public var sortsRows = false
  var files: [String] { [file] + furtherFiles }
  /// The rows with a column for each name.
  private var pivoted: PivotedTable?
  private var joined: [JoinedTable] = []
  /// Columns without a name, which `*` among `inputs` leaves out.
  private(set) var unnamed: [Int] = []

  /// Whether the name of the file is a group, or part of one.
  var groupsByFile: Bool { group.map { Self.parts($0).contains(TableReader.fileColumn) } ?? false }

  /// Names that are separated by commas.
  static func parts(_ text: String) -> [String] { text.split(separator: ",").map(String.init) }

  /// Opens the table.
  func reader() throws(WeftError) -> TableReader {
    let tellsRows = covariates + statics + [time, group].compactMap(\.self).flatMap { [$0] + Self.parts($0) }
    return try TableReader(
      files, format: format, pivoted: pivoted, joined: joined, namesFile: groupsByFile || classPattern != nil,
      needed: covariates.isEmpty ? nil : Set(tellsRows))
  }

  /// One stream of the columns `inputs`.
  public init(file: String, inputs: [String]) {
    self.file = file
    self.inputs = inputs
  }

  /// Reads the table twice, first to determine types, categories and means, and writes `SPLIT/inputs`,
  /// `SPLIT/covariates`, `SPLIT/static`, `SPLIT/targets`, `SPLIT/time`, and of groups `SPLIT/offsets` and `SPLIT/names`; `/classes` for
  /// a class target, `/categories/COLUMN` for categorical inputs; and in `SPLIT/future` the covariates and times of rows
  /// at the end of series that have neither inputs nor targets.
  ///
  /// - Throws: If a column or value is missing or malformed, naming line and column.
  public func write(to writer: DatasetWriter, progress: ProgressReporter) throws -> ConversionSummary {
    var table = self
    if resampling != nil, timeReading.step == nil {
      throw WeftError.usage("--resample needs --every, the distance of steps, and --time")
    }
    if pivot != nil || resampling != nil { table.pivoted = try PivotedTable(pivot, self, progress) }
    for join in joins { table.joined.append(try JoinedTable(join, to: table.reader().names, format)) }
    if let classPattern { table.joined.append(try JoinedTable(classPattern, table.reader())) }
    let reader = try table.reader()
    table.covariates = reader.joined(covariates)
    table.targets = next.map { [$0] } ?? reader.joined(targets)
    table.statics = reader.joined(statics)
    table.categories = reader.joined(categories)
    let joint = [time, group].compactMap(\.self).flatMap {
      reader.names.contains($0) ? [$0] : Self.parts($0)
    }
    // The past of what is to be predicted tells more than anything else.
    let known = forecasts || next != nil ? [] : table.targets
    let others = table.covariates + known + table.statics + joint + [anomalies].compactMap(\.self)
    let chosen = try reader.expanded(
      reader.joined(inputs), except: Set(others + (reader.namesFiles ? [TableReader.fileColumn] : [])))
    table.inputs = try reader.removing(reader.joined(skipped), from: chosen)
    let used = others + table.inputs + skipped
    if inputs.contains("*"), !reader.names.contains("*"), !used.contains("") {
      table.unnamed = reader.names.indices.filter { reader.names[$0].isEmpty }
    }
    return try table.convert(to: writer, progress: progress)
  }

  private func convert(to writer: DatasetWriter, progress: ProgressReporter) throws -> ConversionSummary {
    let survey = try TableSurvey(self, progress)
    if forecasts, targets.isEmpty, let numbers = try survey.numbersBesideNames(self) {
      var table = self
      table.targets = numbers
      return try table.convert(to: writer, progress: progress)
    }
    let classes = survey.targets.first.flatMap { $0.isNumeric ? nil : $0 }
    if classes != nil, survey.targets.count > 1 {
      throw WeftError.usage(
        "--targets: a class must be the only target; '\(survey.targets[0].name)' contains names")
    }
    if let column = survey.targets.dropFirst().first(where: { !$0.isNumeric }) {
      throw WeftError.usage("--targets: a class must be the only target; '\(column.name)' contains names")
    }
    if forecasts, let classes {
      throw WeftError.usage(
        "--targets: '\(classes.name)' contains names, and --horizon forecasts numbers; --next \(classes.name.shellQuoted) predicts"
          + " the name in the next row")
    }
    if next != nil, classes == nil {
      throw WeftError.usage(
        "--next: '\(targets[0])' contains numbers, which --horizon 1 --configuration FILE.yaml forecasts; --classes takes them as"
          + " names")
    }
    if let classes { try writer.file.write("classes", classes.names) }
    for column in survey.inputs where !column.isNumeric {
      try writer.file.write("categories/\(column.name.replacing("/", with: "_"))", column.names)
    }
    try writer.file.attributes.set("source", to: files.prefix(100).joined(separator: ", "))
    let form = SeriesSplit.Form(
      inputs: inputs, covariates: covariates, statics: statics, targets: survey.targets.map(\.name),
      hasClasses: classes != nil,
      times: time.map { _ in survey.timeScale },
      shape: group != nil
        ? .ragged(hasTargetPerSequence: targetPer == .group)
        : window.map { .windows($0, hasTargetPerSequence: targetPer == .window) } ?? .stream,
      arePrecise: (survey.inputs + survey.targets).contains { $0.precisionNote != nil },
      hasLabels: anomalies != nil)
    if let window, group == nil, window > survey.rows {
      throw WeftError.data("\(file): has \(Self.rows(survey.rows)), fewer than --window \(window)")
    }
    let splits = try plan.names.map { try SeriesSplit(writer, name: $0, form) }
    let rows = try TableRows(self, survey)
    let source = NextTargets(rows, isWanted: next != nil)
    progress.begin("writing rows", total: rows.reader.byteCount, unit: "B")
    var lead = LeadingSteps(leadIn, splits: splits.count, training: survey.longestTraining(self))
    // Rows to forecast belong to the split of the last row that was kept of their series.
    var latestSplit = 0
    while let row = try source.next() {
      progress.advance(by: rows.byteCount)
      if row.isFuture {
        try splits[latestSplit].append(future: row.step)
        continue
      }
      latestSplit = row.split
      var (begins, before) = lead.enter(row.split, group: row.group, season: rows.times.season)
      while let step = before.popFirst() {
        try splits[row.split].append(step, beginsSequence: begins, name: row.name)
        begins = false
      }
      lead.append(row.step)
      try splits[row.split].append(row.step, beginsSequence: begins, name: row.name)
    }
    for split in splits { try split.finish() }
    let unit = group != nil ? (splitsSeries ? "series" : "sequences") : window != nil ? "windows" : "rows"
    let counts = zip(splits, lead.counts).map { group == nil ? $0.count - $1 : $0.count }
    let drawn = DrawnSplits(plan, hashes: rows.groups, unit: "groups")
    var summary = try ConversionSummary(
      plan: plan, counts: counts, unit: unit,
      advice: group == nil ? nil : SeriesDivision.advice(isDivided: splitsSeries, drawn),
      drawn: group == nil || splitsSeries ? nil : drawn)
    if splitsSeries, plan.names.count > 1 {
      summary.notes.append(
        SeriesDivision.note(plan, counts: zip(splits, lead.counts).map { $0.steps - $1 }, unit: "rows"))
    }
    if let most = lead.most, most > 0 {
      let names = plan.names.dropFirst().joined(separator: " and ")
      summary.notes.append(
        group == nil
          ? "\(names): after the \(most) rows before them, from which their first rows are forecast"
          : "\(names): each series after up to \(most) rows before its own, from which its first rows are forecast"
      )
    }
    if files.count > 1, group == nil {
      summary.notes.append(
        "read \(files.count) files one after the other as one series; --group \(TableReader.fileColumn) makes a series of each"
      )
    }
    summary.notes += pivoted?.notes ?? []
    summary.notes += notes(rows, left: splits.reduce(0) { $0 + $1.leftOver }, classes) + rows.labelNotes
    summary.notes += survey.inputs.compactMap(\.note) + survey.notes + rows.timeNotes + survey.readerNotes
    summary.minimum = (survey.inputs.prefix(inputs.count) + survey.targets).compactMap(\.minimum).min()
    summary.steps = splits[0].steps
    summary.lengths = splits.flatMap(\.lengths)
    summary.season = rows.times.season
    summary.longestTraining = survey.longestTraining(self)
    return summary
  }

  private func notes(_ rows: TableRows, left: Int, _ classes: TableColumn?) -> [String] {
    var notes: [String] = []
    if let classes {
      notes.append(
        "\(NumberText.counted(classes.names.count, "classes"))\(classes.caseNote)\(classes.markNote)")
    }
    if let classes, targetPer == .group, classes.names.count > 2, classes.names.count == rows.groups.count {
      notes.append(
        "each sequence has a class of its own, which nothing can be learned of; --class-from '{class}/*' takes the folders of files"
          + " for classes, and '{class}_*' the beginnings of their names")
    }
    if anomalies != nil, group != nil {
      notes.append(
        "anomalies are detected in one stream: convert each series by itself, or leave --group out to read them one after the"
          + " other")
    }
    if rows.filled > 0 {
      notes.append(
        missing.note(rows.filled, use: ", for data.missing_inputs and data.missing_targets"))
    }
    if rows.future.rows > 0 {
      let (count, series) = rows.future
      notes.append(
        "kept \(Self.rows(count)) of covariates alone at the end of"
          + " \(group == nil ? "the table" : series == 1 ? "a series" : "\(series) series"), to forecast"
          + " \((inputs + targets).joined(separator: ", "))")
    }
    if rows.dropped > 0 { notes.append("omitted \(Self.rows(rows.dropped)) with missing values") }
    if left > 0 { notes.append("omitted \(Self.rows(left)) of an incomplete window") }
    return notes
  }

  static func rows(_ count: Int) -> String { count == 1 ? "a row" : "\(count) rows" }
}
