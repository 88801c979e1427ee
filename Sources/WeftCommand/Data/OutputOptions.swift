import ArgumentParser
import DatasetTools
import WeftBase

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

  /// Writes the dataset and tells what it holds.
  ///
  /// - Parameter sources: Datasets that are read meanwhile, and may not be the output.
  func convert(
    from sources: [String] = [], _ write: (DatasetWriter, ProgressReporter) throws -> ConversionSummary
  ) throws {
    if sources.contains(output) { throw WeftError.usage("--output \(output): is read; name another file") }
    let writer = try DatasetWriter(output, storage: storage(), overwrites: overwrite)
    let progress = ProgressReporter()
    let summary: ConversionSummary
    do { summary = try write(writer, progress) } catch {
      // The message is to stand on a line of its own.
      progress.finish()
      throw error
    }
    try writer.finish()
    progress.finish()
    print("\(output): \(summary.text)")
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
