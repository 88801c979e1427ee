import ArgumentParser
import DatasetTools
import WeftBase

/// Merges datasets.
struct DataMerge: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge",
    abstract: "Merge several datasets into one, split by split.",
    discussion: """
      Example:
        weft data merge monday.h5 tuesday.h5 --output week.h5
      """)

  @Argument(help: "The datasets, in this order.", completion: .file())
  var files: [String]

  @OptionGroup var output: OutputOptions

  func run() throws {
    guard files.count >= 2 else { throw WeftError.usage("give two datasets or more to merge") }
    try output.convert(from: files) { try DatasetMerger(files: files).write(to: $0, progress: $1) }
  }
}
