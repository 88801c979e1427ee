import ArgumentParser
import DatasetTools
import WeftBase
import WeftTraining

/// Output file and storage layout of a dataset.
struct OutputOptions: ParsableArguments {
  @Option(
    name: [.short, .customLong("output")], help: ArgumentHelp("The dataset to write.", valueName: "file.h5"),
    completion: .file())
  var output: String

  @Flag(help: "Replace the output if it exists.")
  var overwrite = false

  @Option(help: "gzip (read everywhere), lzf (fast; read by h5py and Weft) or none.")
  var compression = "gzip"

  @Option(help: ArgumentHelp("gzip level, from 1 (fast) to 9 (small).", valueName: "n"))
  var level = 4

  @Option(help: ArgumentHelp("Rows per chunk. (default: about 256 KiB)", valueName: "rows"))
  var chunk: Int?

  /// Storage layout.
  func storage() throws(WeftError) -> StorageOptions {
    guard let kind = StorageOptions.Compression(rawValue: compression) else {
      throw NearMiss.unknownChoice(
        compression, "compression", of: "--compression", among: ["gzip", "lzf", "none"])
    }
    guard (1...9).contains(level) else { throw .usage("--level must be from 1 to 9, not \(level)") }
    if let chunk, chunk < 1 { throw .usage("--chunk must be at least 1, not \(chunk)") }
    var options = StorageOptions()
    options.compression = kind
    options.level = level
    options.chunkRows = chunk
    return options
  }

  /// Writes the dataset and prints a summary.
  ///
  /// - Parameter sources: The files that are read, which must not be the output.
  func convert(
    from sources: [String], _ write: (DatasetWriter, ProgressReporter) throws -> ConversionSummary
  ) throws {
    try OutputPath.check(output, isNoneOf: sources)
    try RunFolder.checkIsFree(output: output)
    MemoryAllocator.giveThreadsArenas()
    let writer = try DatasetWriter(output, storage: storage(), overwrites: overwrite)
    let progress = ProgressReporter()
    let summary: ConversionSummary
    do { summary = try write(writer, progress) } catch {
      // Errors start on a new line.
      progress.finish()
      throw error
    }
    try writer.finish()
    progress.finish()
    printText("\(output): \(summary.text)".printable(keepsLines: true))
  }
}

/// Sources of splits that were published as such.
struct PublishedSplitOptions: ParsableArguments {
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "The validation split, with its own source of the same form, instead of a part of --split.",
      valueName: "source"),
    completion: .file())
  var validation: [String] = []

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "The test split, with its own source of the same form, instead of a part of --split.",
      valueName: "source"),
    completion: .file())
  var test: [String] = []

  /// All files.
  var paths: [String] { validation + test }
  /// An option that was given; nil if none was.
  var option: String? { !validation.isEmpty ? "--validation" : !test.isEmpty ? "--test" : nil }

  /// The splits that are named.
  ///
  /// - Parameter source: The source of some files, and the option that names them, for errors, as `--test: `.
  /// - Throws: An error of `source`.
  func sources<Source>(
    _ source: ([String], _ option: String) throws(WeftError) -> Source
  ) throws(WeftError) -> [SplitSource<Source>] {
    var found: [SplitSource<Source>] = []
    for (split, files) in [("validation", validation), ("test", test)] where !files.isEmpty {
      found.append(SplitSource(split, try source(files, "--\(split): ")))
    }
    return found
  }

  /// The splits that are named by one list or folder each.
  ///
  /// - Parameters:
  ///   - folder: The folder of the files that lists name; nil for the usual ones.
  ///   - times: The columns of tables that tell pieces of recordings; nil if none do.
  ///   - classes: How names of files in folders tell their classes; nil if they do not.
  /// - Throws: A usage error if there are several, or one is a folder itself.
  func lists(
    folder: String?, times: PieceColumns? = nil, classes: NamePattern? = nil
  ) throws(WeftError) -> [SplitSource<TranscribedSource>] {
    try sources { files, option throws(WeftError) in
      guard files.count == 1 else { throw .usage("\(option)give one list or folder, not \(files.count)") }
      let source = try TranscribedSource(files[0], files: folder, times: times)
      return classes.map { source.naming(classes: $0) } ?? source
    }
  }
}

/// Assignment of items to splits.
struct SplitOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Fractions of train, validation and test, separated by commas. (default: all train)",
      valueName: "fractions"))
  var split: String?

  @Option(help: ArgumentHelp("Random seed of the split assignment.", valueName: "n"))
  var seed: UInt64 = 1

  /// Assignment of items to splits.
  func plan() throws(WeftError) -> SplitPlan {
    guard let split else { return .whole }
    return try SplitPlan(split, seed: seed)
  }
}
