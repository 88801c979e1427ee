import ArgumentParser
import DatasetTools

/// Divides the sequences of a file into new splits.
struct DataSplit: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "split",
    abstract: "Divide the sequences of a dataset into new splits.",
    discussion: """
      A hash of its contents and the seed assigns each sequence to a split, so that equal sequences stay together; \
      a stream is cut into consecutive parts.

      Example:
        weft data split series.h5 --fractions 0.8,0.1,0.1 --output divided.h5
      """)

  @Argument(help: "The dataset.", completion: .file())
  var file: String

  @Option(
    help: ArgumentHelp(
      "Fractions of train, validation and test, separated by commas.", valueName: "fractions"))
  var fractions: String

  @Option(help: ArgumentHelp("Random seed of the assignment.", valueName: "n"))
  var seed: UInt64 = 1

  @Option(help: ArgumentHelp("The group to divide. (default: all groups together)", valueName: "group"))
  var group: String?

  @OptionGroup var output: OutputOptions

  func run() throws {
    var splitter = DatasetSplitter(file: file, plan: try SplitPlan(fractions, seed: seed))
    splitter.group = group
    try output.convert(from: [file]) { try splitter.write(to: $0, progress: $1) }
  }
}
