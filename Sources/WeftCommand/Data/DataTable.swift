import ArgumentParser
import DatasetTools
import WeftBase

/// Makes numeric series from a table.
struct DataTable: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "table",
    abstract: "Make numeric series from a table of comma- or tab-separated values.",
    discussion: """
      The first line names the columns. A column of names becomes numbers: a target a class, an input its number. \
      Without --group, splits are consecutive parts of the table.

      Example:
        weft data table temperatures.csv --inputs temp,hour --targets next --time date --output temperatures.h5
      """)

  @Argument(help: "The table: .csv or .tsv.", completion: .file())
  var file: String

  @Option(help: ArgumentHelp("Columns of features, with commas between.", valueName: "columns"))
  var inputs: String
  @Option(
    help: ArgumentHelp("Columns of targets; without, the next step's inputs are.", valueName: "columns"))
  var targets: String?
  @Flag(help: "The target's numbers are names of classes.")
  var classes = false
  @Option(help: ArgumentHelp("Column of points in time: ascending numbers or ISO 8601.", valueName: "column"))
  var time: String?
  @Option(help: ArgumentHelp("Rows with one value in this column are a sequence.", valueName: "column"))
  var group: String?
  @Option(help: "Whether each step or each group has a target.")
  var targetPer = "step"
  @Option(help: ArgumentHelp("Cut the table to sequences of so many rows.", valueName: "rows"))
  var window: Int?
  @Option(help: "What becomes of missing values: error, forward (the value before), mean or drop (the row).")
  var missing = "error"

  @OptionGroup var split: SplitOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    var dataset = TableDataset(file: file, inputs: Self.list(inputs))
    dataset.targets = targets.map(Self.list) ?? []
    dataset.targetsAreClasses = classes
    dataset.time = time
    dataset.group = group
    dataset.window = window
    dataset.missing = try missingValues(missing, among: MissingValues.allCases)
    dataset.plan = try split.plan()
    guard ["step", "group"].contains(targetPer) else {
      throw WeftError.usage("--target-per: '\(targetPer)' is neither step nor group")
    }
    dataset.hasTargetPerGroup = targetPer == "group"
    if dataset.hasTargetPerGroup, group == nil || targets == nil {
      throw WeftError.usage("--target-per group needs --group and --targets")
    }
    if window != nil, group != nil { throw WeftError.usage("--window and --group do not go together") }
    if let window, window < 1 { throw WeftError.usage("--window must be 1 or more, not \(window)") }
    try output.convert { try dataset.write(to: $0, progress: $1) }
  }

  private static func list(_ text: String) -> [String] {
    text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
  }
}

/// What `--missing` asks for.
func missingValues(_ name: String, among choices: [MissingValues]) throws(WeftError) -> MissingValues {
  guard let choice = MissingValues(rawValue: name), choices.contains(choice) else {
    throw .usage("--missing: '\(name)' is none of \(choices.map(\.rawValue).joined(separator: ", "))")
  }
  return choice
}
