import ArgumentParser
import DatasetTools
import WeftBase
import WeftText
import WeftTraining

/// Converts text files into a stream of tokens, or texts into sequences with classes.
struct DataText: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "text",
    abstract:
      "Convert text into characters, words, tokens, subwords or bytes: a stream for language models, texts with"
      + " classes, or words with tags.",
    discussion: """
      Running text becomes a stream. Each text becomes a sequence with its class where lines begin with __label__, where \
      folders hold the texts of a class each, and with --text-field and --label-field where JSON lines or the rows of a \
      table hold them. Files of one word and its tag a line (.conllu, or with --tag-column) become sequences with a tag \
      at each step.

      Examples:
        weft data text novel.txt --unit words --split 0.9,0.05,0.05 --output novel.h5
        weft data text wiki.train.txt --validation wiki.valid.txt --test wiki.test.txt --unit tokens --output wiki.h5
        weft data text train.csv --text-field text --label-field label --test test.csv --output news.h5
        weft data text eng.train --tag-column 4 --validation eng.testa --test eng.testb --output names.h5
      """)

  @Argument(
    help: "UTF-8 text files, in this order; or a folder that holds a folder of texts for each class.",
    completion: .file())
  var files: [String]

  @OptionGroup var labelled: LabelledTextOptions
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
    // What is wrong with the command comes before what is wrong with files.
    _ = try vocabulary.options()
    _ = try split.plan()
    _ = try splitting()
    var files = self.files
    var others = try published.sources { files, _ in files }
    if others.isEmpty, files.count == 1, FolderListing.isFolder(files[0]),
      let splits = LabelledTextForm.splits(of: files[0])
    {
      files = [splits[0].folder]
      others = splits.dropFirst().map { SplitSource($0.split, [$0.folder]) }
    }
    switch try labelled.content(of: files) {
    case .stream: try writeStream(others)
    case .texts(let form):
      try checkIsNoStream("texts")
      // Words say more about a class than characters, which are better known for what follows them.
      var dataset = LabelledTextDataset(
        paths: files, form: form, vocabulary: try vocabulary.options(usual: .word))
      (dataset.others, dataset.plan) = (others, try split.plan())
      if let found = try knownVocabulary() {
        (dataset.knownVocabulary, dataset.knownClasses) = (found.vocabulary, found.classes)
        dataset.knownLabels = found.labels
      }
      try output.convert(from: paths) { try dataset.write(to: $0, progress: $1) }
    case .tagged(let columns):
      try checkIsNoStream("sentences")
      var options = try vocabulary.options(usual: .token)
      guard options.unit == .token || options.unit == .word else {
        throw WeftError.usage(
          "--unit: tagged text has a tag for each word, so that words are its units; remove --unit")
      }
      options.unit = .token
      // Without words that are replaced, <unk> would not be learned.
      options.minimumCount = options.minimumCount ?? 2
      var dataset = TaggedTextDataset(paths: files, columns: columns, vocabulary: options)
      (dataset.others, dataset.plan) = (others, try split.plan())
      if let found = try knownVocabulary() {
        guard found.vocabulary.unit == .token || found.vocabulary.unit == .word else {
          throw WeftError.usage(
            "--vocabulary: \(known ?? "") has \(found.vocabulary.unit.rawValue)s, but tagged text has words")
        }
        (dataset.knownVocabulary, dataset.knownClasses) = (found.vocabulary, found.classes)
      }
      try output.convert(from: paths) { try dataset.write(to: $0, progress: $1) }
    }
  }

  /// All files that are read.
  private var paths: [String] { files + published.paths + (known.map { [$0] } ?? []) }

  /// What `--vocabulary` gives; nil without it.
  private func knownVocabulary() throws(WeftError) -> KnownVocabulary? {
    guard let known else { return nil }
    let found = try KnownVocabulary.read(known)
    try vocabulary.check(against: found.vocabulary, of: known)
    return found
  }

  /// - Parameter unit: What the files contain, for the error.
  /// - Throws: A usage error if an option is for running text alone.
  private func checkIsNoStream(_ unit: String) throws(WeftError) {
    if splitCounts != nil { throw .usage("--split-counts is for running text, not for \(unit)") }
    if splitBy != "position" {
      throw .usage("--split-by is for running text; \(unit) are assigned to splits one by one")
    }
  }

  private func splitting() throws(WeftError) -> TextSplitting {
    guard let splitting = TextSplitting(rawValue: splitBy) else {
      throw NearMiss.unknownChoice(
        splitBy, "unit", of: "--split-by", among: ["position", "paragraph", "file"])
    }
    return splitting
  }

  private func writeStream(_ others: [SplitSource<[String]>]) throws {
    var dataset = TextDataset(files: files, vocabulary: try vocabulary.options())
    dataset.knownVocabulary = try knownVocabulary()?.vocabulary
    dataset.others = others
    dataset.plan = try split.plan()
    dataset.splitting = try splitting()
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
    try output.convert(from: paths) { try dataset.write(to: $0, progress: $1) }
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
