import Media
import WeftText

/// Common parts of audio and image conversions: texts, splits and unusable files.
struct TranscribedConversion {
  let source: TranscribedSource
  let kinds: Set<String>
  let vocabulary: VocabularyOptions
  let plan: SplitPlan
  let skipsBad: Bool
  let progress: ProgressReporter

  /// Reads the texts of all files once.
  ///
  /// - Parameter special: Tokens at the start.
  /// - Returns: The vocabulary of the training split, and the number of files.
  /// - Throws: If a file has no text and is not skipped, or there are no texts.
  func makeVocabulary(special: [String]) throws -> (vocabulary: Vocabulary, fileCount: Int) {
    progress.begin("reading texts", unit: "files")
    let files = try TranscribedFiles(source, kinds: kinds, isLowercase: vocabulary.isLowercase)
    var failed = FailedFiles(areSkipped: skipsBad)
    var count = 0
    /// The next text, and whether it is of the training split.
    func next() throws -> (text: String, isTraining: Bool)? {
      while let file = try files.next() {
        count += 1
        progress.advance()
        switch file {
        case .success(let file): return (file.text, plan.split(of: file.group.utf8) == 0)
        case .failure(let error): try failed.add(error)
        }
      }
      return nil
    }
    if vocabulary.unit == .subword {
      let made = try withoutActuallyEscaping(next) { next in
        try SubwordTrainer(vocabulary, special: special).train {
          while let (text, isTraining) = try next() {
            if isTraining { return text }
          }
          return nil
        }
      }
      return (made, count)
    }
    var builder = VocabularyBuilder(vocabulary)
    while let (text, isTraining) = try next() { builder.add(text, isTraining: isTraining) }
    return (try builder.vocabulary(special: special), count)
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
    let files = try TranscribedFiles(source, kinds: kinds, isLowercase: vocabulary.isLowercase)
    var failed = FailedFiles(areSkipped: skipsBad)
    while let file = try files.next() {
      switch file {
      case .failure(let error): try failed.add(error)
      case .success(let file):
        do { try use(file, plan.split(of: file.group.utf8)) } catch let error as MediaError {
          try failed.add(error, file)
        }
      }
      progress.advance()
    }
    return failed
  }
}
