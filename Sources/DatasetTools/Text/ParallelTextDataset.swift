import HDF5
import WeftBase
import WeftText

/// Converts aligned text into pairs of token sequences, for translation.
public struct ParallelTextDataset {
  /// Source of the text.
  public var source: ParallelSource
  /// Options of the vocabularies.
  public var vocabulary: VocabularyOptions
  /// Whether both languages share a vocabulary.
  public var sharesVocabulary = false
  /// Maximum length of a sequence in tokens; pairs with a longer side are omitted. Nil for no limit.
  public var maximumLength: Int?
  /// Splits with their fractions. Pairs with equal sources or of one group stay together.
  public var plan = SplitPlan.whole
  /// Splits that have their own text.
  public var others: [SplitSource<ParallelSource>] = []

  /// Special tokens at the start of every vocabulary.
  static let special = [
    Vocabulary.paddingToken, Vocabulary.beginningToken, Vocabulary.endToken, Vocabulary.unknownToken,
  ]

  /// All pairs of `source`, for training.
  public init(source: ParallelSource, vocabulary: VocabularyOptions) {
    self.source = source
    self.vocabulary = vocabulary
  }

  /// Reads the text at least once for the vocabularies and then again, and writes to every split `inputs` and `offsets`
  /// of the source sentences, which end with `<eos>`, and `targets` and `target_offsets` of the target sentences, which
  /// start with `<bos>` and end with `<eos>`; `/vocabulary` of the source language or of both, and
  /// `/target_vocabulary`.
  ///
  /// - Throws: If the text cannot be read, is not aligned, or a split is empty.
  public func write(to writer: DatasetWriter, progress: ProgressReporter) throws -> ConversionSummary {
    guard vocabulary.unit != .byte else {
      throw WeftError.usage(
        "--unit bytes: bytes leave no token for the ends of sentences; use characters, words or subwords")
    }
    var doubts: [String] = []
    for path in source.paths + others.flatMap(\.source.paths) {
      if let note = try FormedText.note(onSentences: path) { doubts.append(note) }
    }
    let division = try PairSplits(source, others: others, plan: plan, progress)
    let plan = division.plan
    let shared = SharedItems(plan, own: others.map(\.split))
    let (sources, targets) = try makeVocabularies(division, shared, progress)
    try writer.file.attributes.set("unit", to: vocabulary.unit.rawValue)
    try Vocabularies(inputs: sources, targets: sharesVocabulary ? nil : targets)
      .write(to: writer.file, hasChecksums: false)
    let splits = try plan.names.map { try PairWriter(writer, split: $0, sources, targets) }
    var (empty, long) = (0, 0)
    let pairs = division.pairs("writing pairs", progress)
    let encoded = ConcurrentMap(pairs.next, size: { $0.pair.byteCount }) { pair, _ throws(WeftError) in
      (source: try sources.encode(pair.source), target: try targets.encode(pair.target))
    }
    while let ((pair, split), (source, target)) = try encoded.next() {
      shared.add([pair.source, pair.target], split: split)
      if source.isEmpty || target.isEmpty {
        empty += 1
      } else if max(source.count, target.count) > maximumLength ?? .max {
        long += 1
      } else {
        try splits[split].append(source, target)
      }
    }
    var summary = try ConversionSummary(plan: plan, counts: splits.map(\.count), unit: "pairs")
    let name = "\(vocabulary.unit.rawValue)s"
    summary.notes.append(
      sharesVocabulary
        ? "one vocabulary of \(sources.count) \(name)"
        : "vocabularies of \(sources.count) and \(targets.count) \(name)")
    summary.notes += shared.notes(unit: "pairs") + pairs.notes + division.notes + doubts
    if empty > 0 { summary.notes.append("omitted \(empty) pairs with an empty side") }
    if long > 0, let maximumLength {
      summary.notes.append("omitted \(long) pairs longer than \(maximumLength) tokens")
    }
    return summary
  }

  private func makeVocabularies(
    _ splits: PairSplits, _ shared: SharedItems, _ progress: ProgressReporter
  ) throws -> (Vocabulary, Vocabulary) {
    if vocabulary.unit == .subword { return try learnSubwords(splits, shared, progress) }
    let sources = TextCounter(vocabulary)
    let targets = sharesVocabulary ? sources : TextCounter(vocabulary)
    let pairs = splits.pairs("counting \(vocabulary.unit.rawValue)s", progress)
    while let (pair, split) = try pairs.next() {
      sources.add(pair.source, isTraining: split == 0)
      targets.add(pair.target, isTraining: split == 0)
      shared.add([pair.source, pair.target], split: split)
    }
    let first = try sources.vocabulary(special: Self.special, of: source.name)
    return (
      first,
      sharesVocabulary ? first : try targets.vocabulary(special: Self.special, of: source.name)
    )
  }

  private func learnSubwords(
    _ splits: PairSplits, _ shared: SharedItems, _ progress: ProgressReporter
  ) throws -> (Vocabulary, Vocabulary) {
    if sharesVocabulary {
      let both = try learnSubwords("both languages", splits, shared, progress) { [$0.source, $0.target] }
      return (both, both)
    }
    return (
      try learnSubwords("source", splits, shared, progress) { [$0.source] },
      try learnSubwords("target", splits, shared, progress) { [$0.target] }
    )
  }

  private func learnSubwords(
    _ name: String, _ splits: PairSplits, _ shared: SharedItems, _ progress: ProgressReporter,
    _ side: @escaping (SentencePair) -> [String]
  ) throws -> Vocabulary {
    let pairs = splits.pairs("learning subwords of the \(name)", progress)
    var lines: [String] = []
    return try SubwordTrainer(vocabulary, special: Self.special).train(of: source.name) {
      while true {
        if let line = lines.popLast() { return line }
        guard let (pair, split) = try pairs.next() else { return nil }
        if split == 0 { lines = side(pair) }
        shared.add([pair.source, pair.target], split: split)
      }
    }
  }
}

/// Writes the pairs of a split.
private final class PairWriter {
  private let inputs: TokenWriter
  private let targets: TokenWriter
  private let offsets: ArrayWriter<Int64>
  private let targetOffsets: ArrayWriter<Int64>
  private let beginning: Int32
  private let sourceEnd: Int32
  private let targetEnd: Int32
  private(set) var count = 0

  init(_ writer: DatasetWriter, split: String, _ sources: Vocabulary, _ target: Vocabulary) throws {
    inputs = TokenWriter(writer, "\(split)/inputs", bound: sources.count, label: "step")
    offsets = writer.array("\(split)/offsets", of: Int64.self, labels: ["sequence boundary"])
    targets = TokenWriter(writer, "\(split)/targets", bound: target.count, label: "step")
    targetOffsets = writer.array("\(split)/target_offsets", of: Int64.self, labels: ["sequence boundary"])
    func number(_ token: String, _ vocabulary: Vocabulary) throws(WeftError) -> Int32 {
      guard let number = vocabulary.number(of: token) else { throw .data("the vocabulary lacks \(token)") }
      return number
    }
    beginning = try number(Vocabulary.beginningToken, target)
    targetEnd = try number(Vocabulary.endToken, target)
    sourceEnd = try number(Vocabulary.endToken, sources)
    try offsets.append(0)
    try targetOffsets.append(0)
  }

  func append(_ source: [Int32], _ target: [Int32]) throws {
    try inputs.append(source + [sourceEnd])
    try offsets.append(Int64(inputs.count))
    try targets.append([beginning] + target + [targetEnd])
    try targetOffsets.append(Int64(targets.count))
    count += 1
  }
}
