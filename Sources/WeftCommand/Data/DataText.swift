import ArgumentParser
import DatasetTools
import WeftBase
import WeftTraining

/// Converts text files into a stream of tokens.
struct DataText: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "text",
    abstract: "Convert text into a stream of characters, words or subwords, for language models.",
    discussion: """
      Example:
        weft data text novel.txt --unit words --split 0.9,0.05,0.05 --output novel.h5
      """)

  @Argument(help: "UTF-8 text files, concatenated in this order.", completion: .file())
  var files: [String]

  @OptionGroup var vocabulary: VocabularyArguments

  @Option(
    name: .customLong("vocabulary"),
    help: ArgumentHelp(
      "Use the vocabulary of a trained model or a dataset: a run's folder, a checkpoint or a dataset file.",
      valueName: "run"),
    completion: .file())
  var known: String?
  @OptionGroup var split: SplitOptions

  @Option(help: "Unit assigned to splits: position (consecutive parts), paragraph or file.")
  var splitBy = "position"

  @OptionGroup var output: OutputOptions

  func run() throws {
    guard let splitting = TextSplitting(rawValue: splitBy) else {
      throw WeftError.usage("--split-by: unknown unit '\(splitBy)'; choose position, paragraph or file")
    }
    var dataset = TextDataset(files: files, vocabulary: try vocabulary.options())
    dataset.knownVocabulary = try known.map { try KnownVocabulary.read($0) }
    dataset.plan = try split.plan()
    dataset.splitting = splitting
    try output.convert { try dataset.write(to: $0, progress: $1) }
  }
}
