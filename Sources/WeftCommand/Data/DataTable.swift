import ArgumentParser
import DatasetTools
import Foundation
import WeftBase

/// Converts tables into numeric series.
struct DataTable: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "table",
    abstract: "Convert comma- or tab-separated tables into numeric series.",
    discussion: """
      The first line names the columns, unless --no-header is given. A column of names becomes classes as a target, and category numbers as an \
      input, which is printed. Without --group, splits are consecutive parts of the table; with it, sequences are \
      assigned to splits as a whole, or divided by time.

      Example:
        weft data table temperatures.csv --inputs temp,hour --targets next --time date --output temperatures.h5
      """)

  @Argument(
    help: ArgumentHelp(
      "The table: .csv or .tsv, also compressed as .gz. Several files of the same columns are one table, with a column"
        + " 'file' of their names, such as for --group file.", valueName: "file"),
    completion: .file())
  var files: [String]

  @Option(
    help: ArgumentHelp(
      "Feature columns, separated by commas; * stands for any text, and alone for all other columns.",
      valueName: "columns"))
  var inputs: String
  @Option(
    help: ArgumentHelp(
      "Columns to leave out of --inputs, such as of '*', separated by commas.", valueName: "columns"))
  var skip: String?
  @Option(
    help: ArgumentHelp(
      "Target columns, separated by commas. (default: the next step's inputs)", valueName: "columns"))
  var targets: String?
  @Option(
    help: ArgumentHelp(
      "Column of names to predict in the next row, such as the next activity or item, instead of --targets.",
      valueName: "column"))
  var next: String?
  @Option(
    help: ArgumentHelp(
      "Columns known in advance, such as the price of the next day, separated by commas. Rows at the end that have these"
        + " alone are to be forecast.",
      valueName: "columns"))
  var covariates: String?
  @Option(
    name: .customLong("static"),
    help: ArgumentHelp(
      "Columns that have one value in each group, such as the type of a shop, separated by commas.",
      valueName: "columns"))
  var statics: String?
  @Option(
    help: ArgumentHelp("Steps to forecast, for --configuration.", valueName: "steps"))
  var horizon: Int?
  @Option(
    help: ArgumentHelp(
      "Write a configuration that forecasts --targets, or all inputs; train with 'weft train FILE'.",
      valueName: "file.yaml"
    ),
    completion: .file(extensions: ["yaml"]))
  var configuration: String?
  @Option(
    help: ArgumentHelp(
      "Rows that each split but the first begins with besides its own, so that its first rows can be"
        + " forecast from those before them. (default: the context of --configuration, otherwise 0)",
      valueName: "rows"))
  var leadIn: Int?
  @Option(
    help: ArgumentHelp(
      "Column that tells anomalies, by 0 and 1 or words, or a JSON file of windows of times by table, as the Numenta"
        + " Anomaly Benchmark has them.", valueName: "column|file.json"),
    completion: .file(extensions: ["json"]))
  var anomalies: String?
  @Option(
    help: ArgumentHelp(
      "How the names of files, a sequence each, tell its class, such as '{class}_*' or '{class}/*', the folder.",
      valueName: "pattern"))
  var classFrom: String?
  @Flag(help: "Treat the numbers of the target column as classes.")
  var classes = false
  @Option(
    help: ArgumentHelp(
      "Group column, or several separated by commas: rows with the same values form one sequence.",
      valueName: "columns"))
  var group: String?
  @Option(
    help: ArgumentHelp(
      "How --split divides groups: group (each is in one split) or time (each is cut into consecutive parts)."
        + " (default: time with --horizon, otherwise group)", valueName: "way"))
  var splitBy: String?
  @Option(
    help: ArgumentHelp(
      "One target per step, per group, or per window: that of its last row.", valueName: "unit"),
    completion: .list(TableDataset.TargetUnit.allCases.map(\.rawValue)))
  var targetPer = "step"
  @Option(help: ArgumentHelp("Cut the table into sequences of this many rows.", valueName: "rows"))
  var window: Int?
  @Option(
    help:
      "How to handle missing values: error, forward (previous value), mean, drop (omit the row) or keep (as NaN)."
  )
  var missing = "error"
  @Option(
    help: ArgumentHelp(
      "Columns whose values are names even if they are numbers, separated by commas.", valueName: "columns"))
  var categories: String?

  @Option(
    help: ArgumentHelp(
      "Another table whose columns are added to rows with the same values in the columns that both have, or in those that"
        + " are named, such as stores.csv:Store or outcomes.csv:file=RecordID; repeatable.",
      valueName: "file[:columns]"),
    completion: .file())
  var join: [String] = []

  @OptionGroup var pivot: PivotOptions
  @OptionGroup var form: TableFormatOptions
  @OptionGroup var times: TimeOptions
  @OptionGroup var split: SplitOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    var dataset = TableDataset(file: files[0], inputs: Self.list(inputs))
    dataset.furtherFiles = Array(files.dropFirst())
    dataset.pivot = try pivot.pivot()
    dataset.sortsRows = times.sort
    dataset.resampling = try times.resampling()
    dataset.joins = try join.map { text throws(WeftError) in try TableJoin(text) }
    dataset.skipped = skip.map(Self.list) ?? []
    dataset.targets = targets.map(Self.list) ?? []
    dataset.next = next
    dataset.forecasts = horizon != nil
    dataset.covariates = covariates.map(Self.list) ?? []
    dataset.statics = statics.map(Self.list) ?? []
    if statics != nil, group == nil {
      throw WeftError.usage("--static needs --group, whose series have such values")
    }
    dataset.targetsAreClasses = classes
    dataset.time = times.time
    dataset.timeReading = try times.reading()
    dataset.group = group
    dataset.window = window
    dataset.missing = try missingValues(missing, among: MissingValues.allCases)
    dataset.format = try form.format()
    dataset.categories = categories.map(Self.list) ?? []
    dataset.plan = try split.plan()
    guard let unit = TableDataset.TargetUnit(rawValue: targetPer) else {
      throw NearMiss.unknownChoice(
        targetPer, "unit", of: "--target-per", among: TableDataset.TargetUnit.allCases.map(\.rawValue))
    }
    dataset.targetPer = unit
    if let classFrom { try readClasses(classFrom, into: &dataset) }
    if dataset.targetPer == .group, dataset.group == nil || dataset.targets.isEmpty {
      throw WeftError.usage(
        "--target-per group needs --group and --targets\(window == nil ? "" : "; windows have one with --target-per window")"
      )
    }
    if unit == .window, window == nil || dataset.targets.isEmpty {
      throw WeftError.usage("--target-per window needs --window and --targets")
    }
    if next != nil, !dataset.targets.isEmpty || horizon != nil || dataset.targetPer == .group {
      throw WeftError.usage("--next cannot be combined with --targets, --target-per group or --horizon")
    }
    if window != nil, group != nil { throw WeftError.usage("--window and --group cannot be combined") }
    if let window, window < 1 { throw WeftError.usage("--window must be at least 1, not \(window)") }
    if !dataset.covariates.isEmpty, window != nil {
      throw WeftError.usage(
        "--window and --covariates cannot be combined; forecasts read windows of a stream")
    }
    try checkForecast()
    if let configuration {
      try OutputPath.check(configuration, isNoneOf: files + [output.output], option: "--configuration")
    }
    dataset.anomalies = anomalies
    dataset.dividesGroups = try dividesGroups()
    dataset.leadIn = try leadingRows(dividesGroups: dataset.dividesGroups)
    var summary: ConversionSummary?
    try output.convert(
      from: files + dataset.joins.map(\.file)
        + (anomalies.map { FileManager.default.fileExists(atPath: $0) ? [$0] : [] } ?? [])
    ) {
      let written = try dataset.write(to: $0, progress: $1)
      summary = written
      return written
    }
    if let configuration, let horizon, let summary {
      let recipe = ConfigurationRecipe.forecasting(
        dataset, path: RelativePath.path(of: output.output, from: configuration), horizon: horizon,
        summary: summary, facts: try? DatasetFacts(output.output, progress: ProgressReporter()))
      try TextFile.replace(configuration, with: recipe.yaml())
      for note in recipe.notes { printNote(note) }
    }
  }

  /// Makes a sequence of each file, with the class that its name tells.
  private func readClasses(_ pattern: String, into dataset: inout TableDataset) throws(WeftError) {
    let pattern = try NamePattern(pattern, option: "--class-from")
    if pattern.hasGroup { throw .usage("--class-from: the names of tables tell a {class} alone") }
    if targets != nil || next != nil || group != nil || window != nil || targetPer != "step" {
      throw .usage(
        "--class-from makes a sequence of each file, with its class as the target; it cannot be combined with --targets, --next,"
          + " --group, --window or --target-per")
    }
    dataset.classPattern = pattern
    dataset.group = TableDataset.fileColumn
    dataset.targets = [TableDataset.classColumn]
    (dataset.targetPer, dataset.targetsAreClasses) = (.group, true)
  }

  private func dividesGroups() throws(WeftError) -> Bool {
    guard let splitBy else { return group != nil && horizon != nil }
    guard ["group", "time"].contains(splitBy) else {
      throw NearMiss.unknownChoice(splitBy, "way", of: "--split-by", among: ["group", "time"])
    }
    if group == nil, classFrom == nil {
      throw .usage("--split-by needs --group; a table without groups is divided by time")
    }
    return splitBy == "time"
  }

  private func leadingRows(dividesGroups: Bool) throws(WeftError) -> LeadIn? {
    guard let leadIn else {
      return group == nil || dividesGroups ? horizon.map { .context(horizon: $0) } : nil
    }
    let rows = try LeadInOption.checked(leadIn)
    if window != nil || group != nil && !dividesGroups {
      throw .usage(
        "--lead-in is for consecutive splits of a series; it cannot be combined with --window, and with --group only"
          + " beside --split-by time")
    }
    return .rows(rows)
  }

  private func checkForecast() throws(WeftError) {
    guard let configuration else {
      if horizon != nil { throw .usage("--horizon needs --configuration, the file to write") }
      return
    }
    guard let horizon else { throw .usage("--configuration needs --horizon, the steps to forecast") }
    guard (1...1 << 20).contains(horizon) else {
      throw .usage("--horizon must be at least 1, not \(horizon)")
    }
    if window != nil || targetPer == "group" || classFrom != nil {
      throw .usage(
        "--configuration forecasts series; it cannot be combined with --window, --target-per group or --class-from"
      )
    }
    if !output.overwrite, FileManager.default.fileExists(atPath: configuration) {
      throw .failure("\(configuration): exists already; use --overwrite to replace it")
    }
  }

  static func list(_ text: String) -> [String] {
    text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
  }
}

/// The choice of `--missing`.
func missingValues(_ name: String, among choices: [MissingValues]) throws(WeftError) -> MissingValues {
  guard let choice = MissingValues(rawValue: name), choices.contains(choice) else {
    throw NearMiss.unknownChoice(name, "choice", of: "--missing", among: choices.map(\.rawValue))
  }
  return choice
}
