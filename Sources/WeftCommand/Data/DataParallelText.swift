import ArgumentParser
import DatasetTools
import WeftBase

/// Converts aligned text into pairs of token sequences.
struct DataParallelText: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "parallel",
    abstract: "Convert line-aligned text into pairs of token sequences, for translation.",
    discussion: """
      Give two files, or one with a tab between source and target. Pairs with equal sources go to the same split. A \
      group after a second tab, such as the chapter, keeps all pairs of the group together.

      Example:
        weft data parallel bible.en bible.es --unit subwords --vocabulary-size 4000 --output bible.h5
      """)

  @Argument(help: "Source and target text, or one tab-separated file.", completion: .file())
  var files: [String]

  @OptionGroup var vocabulary: VocabularyArguments

  @Flag(help: "Use one vocabulary for both languages.")
  var sharedVocabulary = false

  @Option(
    help: ArgumentHelp(
      "Omit pairs with a side longer than this, in tokens. (default: no limit)", valueName: "n"))
  var maximumLength: Int?

  @OptionGroup var split: SplitOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    guard (1...2).contains(files.count) else {
      throw WeftError.usage(
        "give a source and a target file, or one tab-separated file, not \(files.count) files")
    }
    if let maximumLength, maximumLength < 1 {
      throw WeftError.usage("--maximum-length must be at least 1, not \(maximumLength)")
    }
    let source: ParallelSource =
      files.count == 2 ? .files(source: files[0], target: files[1]) : .tabSeparated(files[0])
    var dataset = ParallelTextDataset(source: source, vocabulary: try vocabulary.options())
    dataset.sharesVocabulary = sharedVocabulary
    dataset.maximumLength = maximumLength
    dataset.plan = try split.plan()
    try output.convert(from: files) { try dataset.write(to: $0, progress: $1) }
  }
}
