import ArgumentParser
import DatasetTools
import WeftBase

/// Converts archives of time series into sequences.
struct DataArchive: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ts",
    abstract: "Convert archives of time series: .ts and .tsv (UCR, UEA), .arff (Weka) and .tsf (Monash).",
    discussion: """
      Files named …_TRAIN.ts and …_TEST.ts become the splits train and test; --split divides the training file \
      further. Rows of .tsv, .txt and .csv are a class and the values of a series.

      Examples:
        weft data ts JapaneseVowels_TRAIN.ts JapaneseVowels_TEST.ts --output vowels.h5
        weft data ts mitbih_train.csv mitbih_test.csv --class-column 188 --output beats.h5
      """)

  @Argument(help: "The files.", completion: .file(extensions: ["ts", "arff", "tsf", "tsv", "txt", "csv"]))
  var files: [String]

  @Option(
    help:
      "How to handle missing values: error, forward (previous value), mean (of the series) or keep (as NaN).")
  var missing = "error"

  @Option(
    help: ArgumentHelp(
      "Column of the class in rows of .csv, .tsv and .txt, counted from 1. (default: the first)",
      valueName: "n"))
  var classColumn: Int?

  @Option(
    help: ArgumentHelp(
      "Distance of steps of series with time stamps, such as 15min, 1h or 1d; where none is, a value is missing."
        + " (default: the usual one)", valueName: "time"))
  var every: String?

  @OptionGroup var split: SplitOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    var dataset = ArchiveDataset(files: files)
    dataset.missing = try missingValues(missing, among: [.error, .forward, .mean, .keep])
    if let classColumn, !(1...1_000_000).contains(classColumn) {
      throw WeftError.usage("--class-column: \(classColumn) is not the number of a column, counted from 1")
    }
    dataset.classColumn = classColumn
    if let every { dataset.step = try RowDistance(every) }
    dataset.plan = try split.plan()
    try output.convert(from: files) { try dataset.write(to: $0, progress: $1) }
  }
}
