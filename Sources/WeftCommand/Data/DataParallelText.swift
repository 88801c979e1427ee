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
      group after a second tab, such as the chapter, keeps all pairs of the group together, too.

      Examples:
        weft data parallel bible.en bible.es --unit subwords --vocabulary-size 4000 --output bible.h5
        weft data parallel train.de train.en --validation dev.de dev.en --test test.de test.en --output news.h5
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
  @OptionGroup var published: PublishedSplitOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let source = try Self.source(files, option: "")
    if let maximumLength, maximumLength < 1 {
      throw WeftError.usage("--maximum-length must be at least 1, not \(maximumLength)")
    }
    var dataset = ParallelTextDataset(source: source, vocabulary: try vocabulary.options())
    dataset.sharesVocabulary = sharedVocabulary
    dataset.maximumLength = maximumLength
    dataset.plan = try split.plan()
    dataset.others = try published.sources(Self.source)
    try output.convert(from: files + published.paths) { try dataset.write(to: $0, progress: $1) }
  }

  /// - Parameter option: The option that names the files, followed by a colon and a space; empty for the arguments.
  private static func source(_ files: [String], option: String) throws(WeftError) -> ParallelSource {
    guard (1...2).contains(files.count) else {
      throw .usage(
        "\(option)give a source and a target file, or one tab-separated file, not \(files.count) files")
    }
    return files.count == 2 ? .files(source: files[0], target: files[1]) : .tabSeparated(files[0])
  }
}
