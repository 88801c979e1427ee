import ArgumentParser
import DatasetTools

/// Deals the sequences of a file to new splits.
struct DataSplit: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "split",
    abstract: "Deal the sequences of a dataset to new splits.",
    discussion: """
      Sequences go where a hash of what they hold and the seed decide, so that equal ones stay together; a stream is \
      cut to consecutive parts.

      Example:
        weft data split series.h5 --fractions 0.8,0.1,0.1 --output divided.h5
      """)

  @Argument(help: "The dataset.", completion: .file())
  var file: String

  @Option(
    help: ArgumentHelp("Shares of train, validation and test, with commas between.", valueName: "fractions"))
  var fractions: String

  @Option(help: ArgumentHelp("Changes which sequence goes to which split.", valueName: "n"))
  var seed: UInt64 = 1

  @Option(help: ArgumentHelp("The group to divide; all groups together if left out.", valueName: "group"))
  var group: String?

  @OptionGroup var output: OutputOptions

  func run() throws {
    var splitter = DatasetSplitter(file: file, plan: try SplitPlan(fractions, seed: seed))
    splitter.group = group
    try output.convert(from: [file]) { try splitter.write(to: $0, progress: $1) }
  }
}
