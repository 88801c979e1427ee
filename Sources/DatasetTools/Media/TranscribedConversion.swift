import Media
import WeftText

/// What conversions of sounds and of images have in common: the texts, the splits, and files that cannot be used.
struct TranscribedConversion {
  let source: TranscribedSource
  let kinds: Set<String>
  let vocabulary: VocabularyOptions
  let plan: SplitPlan
  let skipsBad: Bool
  let progress: ProgressReporter

  /// Reads the texts of all files once.
  ///
  /// - Parameter special: Tokens that come first.
  /// - Returns: The vocabulary of the training split, and how many files there are.
  /// - Throws: If a file has no text, unless such are left out, or there are no texts.
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

  /// Reads all files in their order.
  ///
  /// - Parameters:
  ///   - task: What is done meanwhile, for the user to see.
  ///   - count: How many files there are.
  ///   - use: Called with each file and the number of its split; a `MediaError` is a file that cannot be used.
  /// - Returns: What was left out.
  /// - Throws: What `use` throws, and the first bad file unless such are left out.
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
