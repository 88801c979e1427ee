import HDF5
import WeftBase
import WeftText

/// Converts text files into a stream of tokens, for language models.
public struct TextDataset {
  /// The files, in order.
  public var files: [String]
  /// Options of the vocabulary.
  public var vocabulary: VocabularyOptions
  /// A vocabulary to use instead of one made from the text; nil for none.
  public var knownVocabulary: Vocabulary?
  /// Splits with their fractions.
  public var plan = SplitPlan.whole
  /// Exact numbers of characters or bytes of the splits, in order, instead of fractions; nil for fractions.
  public var counts: [Int]?
  /// Unit of assignment to splits.
  public var splitting = TextSplitting.position
  /// Splits that have their own files.
  public var others: [SplitSource<[String]>] = []

  /// The text of `files`, all for training.
  public init(files: [String], vocabulary: VocabularyOptions) {
    self.files = files
    self.vocabulary = vocabulary
  }

  /// Reads the files twice, once for the vocabulary, and writes `SPLIT/tokens` and `/vocabulary`.
  ///
  /// - Throws: If a file is not text, or of JSON or pickled, or a split is empty.
  public func write(to writer: DatasetWriter, progress: ProgressReporter) throws -> ConversionSummary {
    var doubts: [String] = []
    for file in files + others.flatMap(\.source) {
      if let note = try FormedText.note(onText: file) { doubts.append(note) }
    }
    if let counts {
      var summary = try write(counts: counts, to: writer, progress)
      summary.notes += doubts.prefix(3)
      return summary
    }
    let plan = try plan.adding(others.map(\.split))
    let options = vocabulary
    let vocabulary = if let knownVocabulary { knownVocabulary } else { try makeVocabulary(progress) }
    try writer.write(vocabulary, of: files + others.flatMap(\.source))
    let tokens = plan.names.map {
      TokenWriter(writer, "\($0)/tokens", bound: vocabulary.count, label: "time")
    }
    var unknown = 0
    let passages = try self.passages("writing tokens", progress)
    let encoded = ConcurrentMap(passages.next, size: { $0.text.utf8.count }) { passage throws(WeftError) in
      try vocabulary.encode(options.converted(passage.text))
    }
    while let (passage, numbers) = try encoded.next() {
      if let number = vocabulary.unknown { unknown += numbers.count { $0 == number } }
      try tokens[passage.split].append(numbers)
    }
    var summary = try ConversionSummary(plan: plan, counts: tokens.map(\.count), unit: "tokens")
    summary.notes.append("vocabulary of \(vocabulary.count) \(vocabulary.unit.rawValue)s")
    if unknown > 0 {
      let total = tokens.reduce(0) { $0 + $1.count }
      summary.notes.append("\(unknown) tokens (\(NumberText.percent(unknown, of: total))) are <unk>")
    }
    summary.notes += doubts.prefix(3)
    return summary
  }

  /// Writes splits with exact numbers of characters or bytes; line breaks are those of the files.
  private func write(
    counts: [Int], to writer: DatasetWriter, _ progress: ProgressReporter
  ) throws -> ConversionSummary {
    let unit = knownVocabulary?.unit ?? vocabulary.unit
    guard unit == .character || unit == .byte else {
      throw WeftError.usage("--split-counts counts characters or bytes, not \(unit.rawValue)s")
    }
    let pieces = TextPieces(files, counts: counts, unit: unit, progress: progress)
    var builder = VocabularyBuilder(vocabulary)
    if knownVocabulary == nil, unit == .character {
      try pieces.forEach("counting characters") { bytes, split in
        builder.add(String(decoding: bytes, as: UTF8.self), isTraining: split == 0)
      }
    }
    let found =
      if let knownVocabulary { knownVocabulary } else {
        try builder.vocabulary(of: files.joined(separator: ", "))
      }
    try writer.write(found, of: files)
    let names = Array(["train", "validation", "test"].prefix(counts.count))
    let tokens = names.map { TokenWriter(writer, "\($0)/tokens", bound: found.count, label: "time") }
    try pieces.forEach("writing tokens") { bytes, split in
      let text = String(decoding: bytes, as: UTF8.self)
      try tokens[split].append(
        unit == .byte
          ? bytes.map { Int32($0) } : found.encode(vocabulary.converted(text)))
    }
    var summary = try ConversionSummary(names: names, counts: tokens.map(\.count), unit: "tokens")
    summary.notes.append("vocabulary of \(found.count) \(found.unit.rawValue)s")
    return summary
  }

  private func passages(_ task: String, _ progress: ProgressReporter) throws -> TextPassages {
    try TextPassages(files, others: others, plan: plan, by: splitting, task: task, progress: progress)
  }

  private func makeVocabulary(_ progress: ProgressReporter) throws -> Vocabulary {
    if vocabulary.unit == .subword {
      let passages = try self.passages("learning subwords", progress)
      var lines: ArraySlice<Substring> = []
      return try SubwordTrainer(vocabulary).train(of: files.joined(separator: ", ")) {
        while true {
          if let line = lines.popFirst() { return String(line) }
          guard let passage = try passages.next() else { return nil }
          if passage.split == 0 { lines = passage.text.split(separator: "\n")[...] }
        }
      }
    }
    let counter = TextCounter(vocabulary)
    let passages = try self.passages("counting \(vocabulary.unit.rawValue)s", progress)
    while let passage = try passages.next() { counter.add(passage.text, isTraining: passage.split == 0) }
    return try counter.vocabulary(of: files.joined(separator: ", "))
  }
}
