import HDF5
import WeftBase
import WeftText

/// Converts texts with classes into sequences of tokens with one class each, for classification, or with several labels.
public struct LabelledTextDataset {
  /// The files, or folders of classes.
  public var paths: [String]
  /// How texts and classes are written in them.
  public var form: LabelledTextForm
  /// Options of the vocabulary.
  public var vocabulary: VocabularyOptions
  /// A vocabulary to use instead of one made from the texts; nil for none.
  public var knownVocabulary: Vocabulary?
  /// Classes to use instead of those found, in their order; empty for none.
  public var knownClasses: [String] = []
  /// Labels of which a text may have several, to use instead of those found, in their order; empty for none.
  public var knownLabels: [String] = []
  /// Splits with their fractions. Equal texts stay together.
  public var plan = SplitPlan.whole
  /// Splits that have their own files.
  public var others: [SplitSource<[String]>] = []

  /// The texts of `paths`, all for training.
  public init(paths: [String], form: LabelledTextForm, vocabulary: VocabularyOptions) {
    self.paths = paths
    self.form = form
    self.vocabulary = vocabulary
  }

  /// Reads the texts twice, first for the classes and the vocabulary, and writes to every split `inputs` [tokens] with
  /// `offsets` [texts + 1], and `targets` [texts], the number of each text's class; of files also their `names`;
  /// `/vocabulary` and `/classes`. Where texts have several labels, `targets` [texts, labels] are 1 for those of a text,
  /// and `feature_names` names them; of numbers to be predicted they are [texts, numbers], likewise. Empty texts are left
  /// out and counted. Without labels there are no `targets`.
  ///
  /// - Throws: If a file cannot be read, a text has no class where all others have one, all have the same class, or a split
  ///   is empty.
  public func write(to writer: DatasetWriter, progress: ProgressReporter) throws -> ConversionSummary {
    let plan = try plan.adding(others.map(\.split))
    let shared = SharedItems(plan, own: others.map(\.split))
    let (tokens, survey) = try self.survey(plan, shared, progress)
    let classes = form.hasLabels ? try survey.names() : []
    try writer.write(tokens, of: paths + others.flatMap(\.source))
    let haveSeveral = survey.haveSeveral
    if form.hasLabels, !haveSeveral { try writer.file.write("classes", classes) }
    let numbers = Dictionary(uniqueKeysWithValues: classes.enumerated().map { ($1, Int32($0)) })
    let hasNames =
      switch form {
      case .folders, .named(_, areLines: false, _): true
      default: false
      }
    let splits = try plan.names.map {
      try LabelledSequenceWriter(
        writer, split: $0, vocabulary: tokens, hasClasses: form.hasLabels, labels: haveSeveral ? classes : [],
        numbers: form.numberFields, hasNames: hasNames)
    }
    var (empty, unknown) = (0, 0)
    progress.begin("writing texts", unit: "texts")
    let (texts, options) = (DividedTexts(self, plan), vocabulary)
    let encoded = ConcurrentMap(texts.next, size: { $0.text.text.utf8.count }) { text, _ throws(WeftError) in
      try tokens.encode(options.converted(text.text))
    }
    while let ((text, split), sequence) = try encoded.next() {
      progress.advance()
      shared.add([text.text], split: split)
      guard !sequence.isEmpty else {
        empty += 1
        continue
      }
      if let number = tokens.unknown { unknown += sequence.count { $0 == number } }
      let labels = (text.labels ?? []).compactMap { numbers[$0] }
      try splits[split].append(sequence, classes: labels, numbers: text.numbers, name: text.name)
    }
    var summary = try ConversionSummary(
      plan: plan, counts: splits.map(\.count), unit: "texts",
      drawn: DrawnSplits(plan, counts: texts.drawn, unit: "different texts"))
    if form.hasLabels { summary.notes += survey.notes(classes, numberOption: form.numberOption) }
    summary.notes.append("vocabulary of \(tokens.count) \(tokens.unit.rawValue)s")
    if unknown > 0 {
      let total = splits.reduce(0) { $0 + $1.tokenCount }
      summary.notes.append("\(unknown) tokens (\(NumberText.percent(unknown, of: total))) are <unk>")
    }
    if empty > 0 { summary.notes.append("left out \(empty == 1 ? "an empty text" : "\(empty) empty texts")") }
    summary.notes += shared.notes(unit: "texts") + texts.notes
    return summary
  }

  /// The vocabulary, and the classes of all texts.
  private func survey(
    _ plan: SplitPlan, _ shared: SharedItems, _ progress: ProgressReporter
  ) throws -> (vocabulary: Vocabulary, classes: ClassSurvey) {
    var survey =
      knownClasses.isEmpty && !(knownLabels + form.namedLabels).isEmpty
      ? try ClassSurvey(splits: plan.names, known: knownLabels, named: form.namedLabels)
      : ClassSurvey(splits: plan.names, known: knownClasses)
    if let option = form.numberOption { survey.numberAdvice = ", or with \(option) numbers to predict" }
    let counter =
      knownVocabulary == nil && vocabulary.unit != .subword ? TextCounter(vocabulary) : nil
    progress.begin("counting \(vocabulary.unit.rawValue)s", unit: "texts")
    let all = DividedTexts(self, plan)
    while let (text, split) = try all.next() {
      if let labels = text.labels, !text.text.isEmpty { try survey.add(labels, split: split, at: text.place) }
      counter?.add(text.text, isTraining: split == 0)
      shared.add([text.text], split: split)
      progress.advance()
    }
    let source = paths.joined(separator: ", ")
    if let counter { return (try counter.vocabulary(of: source), survey) }
    if let knownVocabulary { return (knownVocabulary, survey) }
    // The trainer asks for one text after the other.
    var lines: ArraySlice<Substring> = []
    let texts = DividedTexts(self, plan)
    let made = try SubwordTrainer(vocabulary).train(of: source) {
      while true {
        if let line = lines.popFirst() { return String(line) }
        guard let (text, split) = try texts.next() else { return nil }
        if split == 0 { lines = text.text.split(separator: "\n")[...] }
      }
    }
    return (made, survey)
  }
}

/// Reads the texts of all sources, one after the other, with their splits.
private final class DividedTexts {
  private let readers: [(reader: any LabelledTextReader, split: Int?)]
  private let plan: SplitPlan
  private var index = 0
  /// How many of the texts that the plan divides are equal, by their hash; some alone where there are very many.
  private(set) var drawn: [UInt64: Int] = [:]

  init(_ dataset: LabelledTextDataset, _ plan: SplitPlan) {
    self.plan = plan
    let others = dataset.others.map { ($0.source, plan.names.firstIndex(of: $0.split)) }
    readers = ([(dataset.paths, nil)] + others).map { (dataset.form.reader($0), $1) }
  }

  func next() throws(WeftError) -> (text: LabelledText, split: Int)? {
    while index < readers.count {
      let (reader, split) = readers[index]
      if let text = try reader.next() {
        if let split { return (text, split) }
        let hash = ContentHash(text.text.utf8).value
        if !text.text.isEmpty, !DrawnSplits.areMany(drawn.count) { drawn[hash, default: 0] += 1 }
        return (text, plan.split(hash: hash))
      }
      index += 1
    }
    return nil
  }

  var notes: [String] { readers.flatMap(\.reader.notes) }
}
