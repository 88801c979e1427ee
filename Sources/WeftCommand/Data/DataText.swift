import ArgumentParser
import DatasetTools
import WeftBase
import WeftTraining

/// Converts text files into a stream of tokens.
struct DataText: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "text",
    abstract:
      "Convert text into a stream of characters, words, tokens, subwords or bytes, for language models.",
    discussion: """
      Examples:
        weft data text novel.txt --unit words --split 0.9,0.05,0.05 --output novel.h5
        weft data text wiki.train.txt --validation wiki.valid.txt --test wiki.test.txt --unit tokens --output wiki.h5
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
  @OptionGroup var published: PublishedSplitOptions

  @Option(
    help: ArgumentHelp(
      "Exact numbers of characters or bytes of train, validation and test, instead of --split: 90000000,5000000,5000000"
        + " for text8 and enwik8.",
      valueName: "counts"))
  var splitCounts: String?

  @Option(help: "Unit assigned to splits: position (consecutive parts), paragraph or file.")
  var splitBy = "position"

  @OptionGroup var output: OutputOptions

  func run() throws {
    guard let splitting = TextSplitting(rawValue: splitBy) else {
      throw NearMiss.unknownChoice(
        splitBy, "unit", of: "--split-by", among: ["position", "paragraph", "file"])
    }
    var dataset = TextDataset(files: files, vocabulary: try vocabulary.options())
    if let known {
      let found = try KnownVocabulary.read(known)
      try vocabulary.check(against: found, of: known)
      dataset.knownVocabulary = found
    }
    dataset.others = try published.sources { files, _ in files }
    dataset.plan = try split.plan()
    dataset.splitting = splitting
    dataset.counts = try splitCounts.map { try Self.counts($0) }
    if splitCounts != nil, split.split != nil {
      throw WeftError.usage("--split-counts cannot be combined with --split")
    }
    if splitCounts != nil, let option = published.option {
      throw WeftError.usage("--split-counts cannot be combined with \(option)")
    }
    if splitCounts != nil, vocabulary.lowercase, vocabulary.unit == "bytes" {
      throw WeftError.usage("--split-counts counts bytes as they are; remove --lowercase")
    }
    try output.convert(from: files + published.paths + (known.map { [$0] } ?? [])) {
      try dataset.write(to: $0, progress: $1)
    }
  }

  private static func counts(_ text: String) throws(WeftError) -> [Int] {
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    let counts = parts.compactMap { Int($0) }
    guard counts.count == parts.count, (1...3).contains(counts.count),
      counts.allSatisfy({ $0 > 0 && $0 <= BoundedInteger.maximum })
    else {
      throw .usage(
        "--split-counts: invalid counts '\(text)'; expected one to three positive numbers, such as"
          + " 90000000,5000000,5000000")
    }
    return counts
  }
}
