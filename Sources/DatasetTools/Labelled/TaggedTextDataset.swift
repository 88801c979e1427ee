import HDF5
import WeftBase
import WeftText

/// Converts sentences with a tag for each word into sequences of tokens with a class at each step, for sequence labeling.
public struct TaggedTextDataset {
  /// The files, one word a line.
  public var paths: [String]
  /// Columns of words and tags.
  public var columns: TaggedColumns
  /// Options of the vocabulary, whose unit is `token`: each word is one.
  public var vocabulary: VocabularyOptions
  /// A vocabulary to use instead of one made from the words; nil for none.
  public var knownVocabulary: Vocabulary?
  /// Tags to use instead of those found, in their order; empty for none.
  public var knownClasses: [String] = []
  /// Splits with their fractions. Documents stay together, where the files tell them and there are enough; otherwise equal
  /// sentences do.
  public var plan = SplitPlan.whole
  /// Splits that have their own files.
  public var others: [SplitSource<[String]>] = []

  /// The sentences of `paths`, all for training.
  public init(paths: [String], columns: TaggedColumns, vocabulary: VocabularyOptions) {
    self.paths = paths
    self.columns = columns
    self.vocabulary = vocabulary
  }

  /// Reads the files twice, first for the tags and the vocabulary, and writes to every split `inputs` and `targets`
  /// [words], the number of each word and of its tag, with `offsets` [sentences + 1]; `/vocabulary` and `/classes`, the
  /// tags.
  ///
  /// - Throws: If a file cannot be read, a line has other columns than the first, a word has no tag, all have the same,
  ///   or a split is empty.
  public func write(to writer: DatasetWriter, progress: ProgressReporter) throws -> ConversionSummary {
    let documents = plan.drawnCount > 1 ? try documentCount() : 0
    let keepsDocuments = Double(documents) * (plan.fractions.min() ?? 0) >= Self.fewDocuments
    let plan = try plan.adding(others.map(\.split))
    var survey = ClassSurvey(splits: plan.names, known: knownClasses)
    var builder = VocabularyBuilder(vocabulary)
    let shared = SharedItems(plan, own: others.map(\.split))
    _ = try forEach("counting words", plan, keepsDocuments, progress) { sentence, split throws in
      for (tag, line) in zip(sentence.tags, sentence.lines) {
        try survey.add(tag, split: split, at: "\(sentence.path): line \(line)")
      }
      if split == 0 { builder.add(words: sentence.words) }
      shared.add(sentence.words, split: split)
    }
    let tags = try survey.names()
    let words = if let knownVocabulary { knownVocabulary } else { try builder.vocabulary(of: name) }
    let numbers = Dictionary(uniqueKeysWithValues: tags.enumerated().map { ($1, Int32($0)) })
    try writer.write(words, of: paths + others.flatMap(\.source))
    try writer.file.write("classes", tags)
    let splits = try plan.names.map {
      try LabelledSequenceWriter(writer, split: $0, vocabulary: words, hasClasses: true, isTagged: true)
    }
    var unknown = 0
    let notes = try forEach("writing sentences", plan, keepsDocuments, progress) { sentence, split throws in
      shared.add(sentence.words, split: split)
      var sequence: [Int32] = []
      for (word, line) in zip(sentence.words, sentence.lines) {
        guard let number = words.number(ofWord: word, isLowercase: vocabulary.isLowercase) else {
          throw WeftError.data(
            "\(sentence.path): line \(line): '\(word)' is not in the vocabulary, which has no <unk>")
        }
        sequence.append(number)
      }
      if let number = words.unknown { unknown += sequence.count { $0 == number } }
      try splits[split].append(sequence, classes: sentence.tags.compactMap { numbers[$0] })
    }
    var summary = try ConversionSummary(plan: plan, counts: splits.map(\.count), unit: "sentences")
    let total = splits.reduce(0) { $0 + $1.tokenCount }
    summary.notes.append(NumberText.counted(total, "words"))
    summary.notes += survey.notes(tags)
    summary.notes.append("vocabulary of \(words.count) words")
    if unknown > 0 {
      summary.notes.append("\(unknown) words (\(NumberText.percent(unknown, of: total))) are <unk>")
    }
    summary.notes += shared.notes(unit: "sentences") + notes
    if documents > 1 {
      summary.notes.append(
        keepsDocuments
          ? "\(documents) documents, each of which lies in one split"
          : "\(documents) documents are too few to be divided; their sentences are, so that a document lies in several splits"
      )
    }
    return summary
  }

  /// Expected documents of the smallest split, below which sentences are divided instead.
  private static let fewDocuments = 3.0

  /// The documents of the files that are divided, as far as they tell.
  private func documentCount() throws -> Int {
    let sentences = TaggedSentences(paths, columns: columns)
    var count = 0
    while let sentence = try sentences.next() { if sentence.beginsDocument { count += 1 } }
    return count
  }

  private var name: String { paths.joined(separator: ", ") }

  /// Calls `body` with every sentence and the index of its split.
  ///
  /// - Returns: What was left out.
  private func forEach(
    _ task: String, _ plan: SplitPlan, _ keepsDocuments: Bool, _ progress: ProgressReporter,
    _ body: (TaggedSentence, _ split: Int) throws -> Void
  ) throws -> [String] {
    progress.begin(task, unit: "sentences")
    var notes: [String] = []
    let sources = [(paths, nil)] + others.map { ($0.source, plan.names.firstIndex(of: $0.split)) }
    for (paths, own) in sources {
      let sentences = TaggedSentences(paths, columns: columns)
      while let sentence = try sentences.next() {
        let key = (keepsDocuments ? sentence.document : nil) ?? sentence.words.joined(separator: " ")
        try body(sentence, own ?? plan.split(of: key.utf8))
        progress.advance()
      }
      notes += sentences.notes.map { sources.count > 1 ? "\(paths.joined(separator: ", ")): \($0)" : $0 }
    }
    return notes
  }
}

extension Vocabulary {
  /// The number of a word, whatever characters it has, or of `<unk>`; nil without either.
  fileprivate func number(ofWord word: String, isLowercase: Bool) -> Int32? {
    number(of: self.isLowercase || isLowercase ? word.lowercased() : word) ?? unknown
  }
}
