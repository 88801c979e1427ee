import ArgumentParser
import DatasetTools
import WeftBase

/// Makes a stream of tokens from text files.
struct DataText: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "text",
    abstract: "Make a stream of characters, words or subwords from text, for language models.",
    discussion: """
      Example:
        weft data text novel.txt --unit words --split 0.9,0.05,0.05 --output novel.h5
      """)

  @Argument(help: "UTF-8 text files, joined in this order.", completion: .file())
  var files: [String]

  @OptionGroup var vocabulary: VocabularyArguments
  @OptionGroup var split: SplitOptions

  @Option(help: "What is dealt to the splits: position (first part, last part), paragraph or file.")
  var splitBy = "position"

  @OptionGroup var output: OutputOptions

  func run() throws {
    guard let splitting = TextSplitting(rawValue: splitBy) else {
      throw WeftError.usage("--split-by: '\(splitBy)' is none of position, paragraph, file")
    }
    var dataset = TextDataset(files: files, vocabulary: try vocabulary.options())
    dataset.plan = try split.plan()
    dataset.splitting = splitting
    try output.convert { try dataset.write(to: $0, progress: $1) }
  }
}
