import Media
import WeftBase
import WeftText

/// Common parts of audio and image conversions: texts, splits and unusable files.
final class TranscribedConversion {
  /// All splits.
  let plan: SplitPlan
  /// How files were assigned to splits, for the user.
  private(set) var notes: [String] = []
  /// The sources, and the split of all files of a source; nil for the one that the plan divides.
  private let sources: [(source: TranscribedSource, split: Int?)]
  private let kinds: Set<String>
  private let areClasses: Bool
  private let vocabulary: VocabularyOptions
  private let skipsBad: Bool
  private let progress: ProgressReporter
  /// The splits of files that lists of names give.
  private var named: NamedSplits
  private var ties = TiedItems()
  private var usesGroups = false
  /// Whether equal texts of different files are a coincidence and tie nothing.
  private var hasSeveralTexts = false

  /// Reads the list once to find what must stay together.
  ///
  /// - Parameters:
  ///   - unit: The files, such as `recordings`.
  ///   - text: Their texts, such as `transcripts`.
  ///   - areClasses: Whether texts are the classes of their files.
  /// - Throws: If the list cannot be read, or cannot be divided.
  init(
    source: TranscribedSource, others: [SplitSource<TranscribedSource>], kinds: Set<String>, unit: String,
    text: String, areClasses: Bool = false, vocabulary: VocabularyOptions, plan: SplitPlan, skipsBad: Bool,
    progress: ProgressReporter
  ) throws {
    let first = try TranscribedFiles.reader(source, kinds: kinds, areClasses: areClasses)
    if !first.splits.isEmpty, plan != .whole || !others.isEmpty {
      throw WeftError.usage(
        "\(source.path): tells the split of each file; remove --split, --validation and --test")
    }
    self.plan = try plan.adding(others.map(\.split) + first.splits.filter { !plan.names.contains($0) })
    let names = self.plan.names
    var sources: [(source: TranscribedSource, split: Int?)] = [(source, nil)]
    var named = NamedSplits()
    for other in others {
      let split = names.firstIndex(of: other.split)
      if try !named.add(other.source, kinds: kinds, split: split ?? 0) {
        sources.append((other.source, split))
      }
    }
    self.sources = sources
    self.named = named
    self.kinds = kinds
    self.areClasses = areClasses
    self.vocabulary = vocabulary
    self.skipsBad = skipsBad
    self.progress = progress
    guard plan.drawnCount > 1 else { return }
    progress.begin("reading groups", unit: "files")
    hasSeveralTexts = first.hasSeveralTexts || areClasses
    var column = GroupColumn(name: first.groupName)
    try forEachText(of: first) { file in column.add(file.group) }
    usesGroups = column.isUsed
    let again = try TranscribedFiles.reader(source, kinds: kinds, areClasses: areClasses)
    try forEachText(of: again) { file in
      if named.contains(file.name) { return }
      let own = [ownKey(of: file), .file(file.fileKey)]
      if usesGroups, let group = file.group {
        ties.add(.group(group), own)
      } else {
        ties.add(own[0], [own[1]])
      }
    }
    let keys =
      "equal files\(usesGroups ? (hasSeveralTexts ? " and groups" : ", groups") : "")"
      + (hasSeveralTexts ? "" : " and \(text)")
    try ties.check(splits: plan.drawnCount, source: source.path, unit: unit, keys: keys)
    let tied = ties.note(unit: unit, keys: keys)
    let drawn = DrawnSplits(plan, counts: ties.sets, unit: "sets of \(unit)")
    if let empty = drawn.emptySplit {
      throw WeftError.data(
        "\(source.path): the split '\(empty)' is empty; \(tied.map { "\($0), and " } ?? "")"
          + (drawn.advice ?? "no seed fills all splits; give fewer fractions"))
    }
    notes = [column.note, tied, drawn.note].compactMap { $0 }
  }

  /// The key of a file whose hash alone decides about one that nothing ties to others.
  private func ownKey(of file: TranscribedFile) -> TiedItems.Key {
    hasSeveralTexts ? .file(file.fileKey) : .text(file.textKey(isLowercase: vocabulary.isLowercase))
  }

  /// Calls `body` with each file that the plan divides and that has a text.
  private func forEachText(of files: any TranscribedReader, _ body: (TranscribedFile) -> Void) throws {
    while let file = try files.next() {
      progress.advance()
      if case .success(let file) = file { body(file) }
    }
  }

  private func split(of file: TranscribedFile, _ own: Int?) -> Int {
    if let own = own ?? file.split.flatMap(plan.names.firstIndex) ?? named.split(of: file.name) { return own }
    let group = usesGroups ? file.group.map { TiedItems.Key.group($0) } : nil
    // Without splits to draw there are no ties.
    return ties.hash(of: group ?? ownKey(of: file)).map { plan.split(hash: $0) } ?? 0
  }

  /// The files of all sources, one after the other.
  private func makeFiles() -> DividedFiles {
    DividedFiles(sources, kinds: kinds, areClasses: areClasses)
  }

  /// Reads the texts of all files once.
  ///
  /// - Parameter special: Tokens at the start.
  /// - Returns: The vocabulary of the training split, and the number of files.
  /// - Throws: If a file has no text and is not skipped, or there are no texts.
  func makeVocabulary(special: [String]) throws -> (vocabulary: Vocabulary, fileCount: Int) {
    progress.begin("reading texts", unit: "files")
    let files = makeFiles()
    var failed = FailedFiles(areSkipped: skipsBad)
    var count = 0
    /// The next text, and whether it is of the training split.
    func next() throws -> (text: String, isTraining: Bool)? {
      while let (file, own) = try files.next() {
        count += 1
        progress.advance()
        switch file {
        case .success(let file): return (file.text, split(of: file, own) == 0)
        case .failure(let error): try failed.add(error)
        }
      }
      return nil
    }
    if vocabulary.unit == .subword {
      let made = try withoutActuallyEscaping(next) { next in
        try SubwordTrainer(vocabulary, special: special).train(of: sources[0].source.path) {
          while let (text, isTraining) = try next() {
            if isTraining { return text }
          }
          return nil
        }
      }
      try named.checkAllWereSeen(in: sources[0].source.path)
      return (made, count)
    }
    var builder = VocabularyBuilder(vocabulary)
    while let (text, isTraining) = try next() { builder.add(text, isTraining: isTraining) }
    try named.checkAllWereSeen(in: sources[0].source.path)
    return (try builder.vocabulary(special: special, of: sources[0].source.path), count)
  }

  /// Reads the classes of all files once.
  ///
  /// - Returns: The classes, and the number of files.
  /// - Throws: If a file has no class and is not skipped, or all have the same.
  func surveyClasses() throws -> (classes: ClassSurvey, fileCount: Int) {
    progress.begin("reading classes", unit: "files")
    let files = makeFiles()
    var failed = FailedFiles(areSkipped: skipsBad)
    var survey = ClassSurvey(splits: plan.names)
    if case .folder(let path) = sources[0].source {
      survey.adviceOnOne =
        "; classes are the folders in \(path): name the one that has a folder for each class, or read classes from the names"
        + " of files with --class-from '{class}_*'"
    }
    var count = 0
    while let (file, own) = try files.next() {
      count += 1
      progress.advance()
      switch file {
      case .success(let file):
        try survey.add(file.text, split: split(of: file, own), at: file.place ?? file.path)
      case .failure(let error): try failed.add(error)
      }
    }
    try named.checkAllWereSeen(in: sources[0].source.path)
    return (survey, count)
  }

  /// Reads all files in order.
  ///
  /// - Parameters:
  ///   - task: Description of the current pass, for the user.
  ///   - count: Number of files.
  ///   - use: Called with each file and the index of its split; a `MediaError` marks an unusable file.
  /// - Returns: The skipped files.
  /// - Throws: An error of `use`, or of the first unusable file unless such files are skipped.
  func forEach(
    _ task: String, count: Int, _ use: (TranscribedFile, _ split: Int) throws -> Void
  ) throws -> FailedFiles {
    progress.begin(task, total: count, unit: "files")
    let files = makeFiles()
    var failed = FailedFiles(areSkipped: skipsBad)
    while let (file, own) = try files.next() {
      switch file {
      case .failure(let error): try failed.add(error)
      case .success(let file):
        do { try use(file, split(of: file, own)) } catch let error as MediaError {
          try failed.add(error, file)
        }
      }
      progress.advance()
    }
    notes = files.notes + notes
    return failed
  }
}
