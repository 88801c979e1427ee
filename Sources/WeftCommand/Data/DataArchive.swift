import ArgumentParser
import DatasetTools

/// Makes sequences from `.ts` files.
struct DataArchive: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ts",
    abstract: "Make sequences from .ts files of the UCR and UEA archives of time series.",
    discussion: """
      Files called …_TRAIN.ts and …_TEST.ts become the splits train and test; --split divides what is not for testing.

      Example:
        weft data ts JapaneseVowels_TRAIN.ts JapaneseVowels_TEST.ts --output vowels.h5
      """)

  @Argument(help: "The files.", completion: .file(extensions: ["ts"]))
  var files: [String]

  @Option(help: "What becomes of missing values: error, forward (the value before) or mean (of the series).")
  var missing = "error"

  @OptionGroup var split: SplitOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    var dataset = ArchiveDataset(files: files)
    dataset.missing = try missingValues(missing, among: [.error, .forward, .mean])
    dataset.plan = try split.plan()
    try output.convert { try dataset.write(to: $0, progress: $1) }
  }
}
