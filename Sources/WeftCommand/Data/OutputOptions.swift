import ArgumentParser
import DatasetTools
import Weft

/// Where a dataset goes and how it is laid out there.
struct OutputOptions: ParsableArguments {
  @Option(
    name: [.short, .customLong("output")], help: ArgumentHelp("The dataset to write.", valueName: "file.h5"),
    completion: .file())
  var output: String

  @Flag(help: "Replace the output if it exists.")
  var overwrite = false

  @Option(help: "gzip (read everywhere), lzf (fast; read by h5py and Weft) or none.")
  var compression = "gzip"

  @Option(help: ArgumentHelp("Effort of gzip, from 1, fast, to 9, small.", valueName: "n"))
  var level = 4

  @Option(help: ArgumentHelp("Rows of a chunk; about 256 KiB if left out.", valueName: "rows"))
  var chunk: Int?

  /// How datasets are laid out.
  func storage() throws(WeftError) -> StorageOptions {
    guard let kind = StorageOptions.Compression(rawValue: compression) else {
      throw .usage("--compression: '\(compression)' is none of gzip, lzf, none")
    }
    guard (1...9).contains(level) else { throw .usage("--level must be from 1 to 9, not \(level)") }
    if let chunk, chunk < 1 { throw .usage("--chunk must be 1 or more, not \(chunk)") }
    var options = StorageOptions()
    options.compression = kind
    options.level = level
    options.chunkRows = chunk
    return options
  }

  /// Begins the file.
  func writer() throws -> DatasetWriter {
    try DatasetWriter(output, storage: storage(), overwrites: overwrite)
  }
}

/// How items are dealt to splits.
struct SplitOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Fractions of train, validation and test, with commas between; all is train if left out.",
      valueName: "fractions"))
  var split: String?

  @Option(help: ArgumentHelp("Changes which item goes to which split.", valueName: "n"))
  var seed: UInt64 = 1

  /// How items are dealt to splits.
  func plan() throws(WeftError) -> SplitPlan {
    guard let split else { return .whole }
    return try SplitPlan(split, seed: seed)
  }
}
