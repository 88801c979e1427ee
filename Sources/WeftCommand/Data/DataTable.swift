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
      "Write a configuration that forecasts the inputs; train with 'weft train FILE'.", valueName: "file.yaml"
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
  @Option(help: "One target per step or per group.")
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
    guard ["step", "group"].contains(targetPer) else {
      throw NearMiss.unknownChoice(targetPer, "unit", of: "--target-per", among: ["step", "group"])
    }
    dataset.hasTargetPerGroup = targetPer == "group"
    if dataset.hasTargetPerGroup, group == nil || targets == nil {
      throw WeftError.usage("--target-per group needs --group and --targets")
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

  private func dividesGroups() throws(WeftError) -> Bool {
    guard let splitBy else { return group != nil && horizon != nil }
    guard ["group", "time"].contains(splitBy) else {
      throw NearMiss.unknownChoice(splitBy, "way", of: "--split-by", among: ["group", "time"])
    }
    if group == nil { throw .usage("--split-by needs --group; a table without groups is divided by time") }
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
    if targets != nil || window != nil {
      throw .usage("--configuration forecasts the inputs; it cannot be combined with --targets or --window")
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
