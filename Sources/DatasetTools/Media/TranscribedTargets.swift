import WeftBase
import WeftText

/// Writes the targets of audio or image files: the tokens of their texts, or their classes.
struct TranscribedTargets {
  /// Files that have a text.
  let fileCount: Int
  /// What the targets are, for the user.
  let notes: [String]
  private let writers: [(TranscribedFile) throws -> Void]

  /// Reads the texts of all files, and writes `/target_vocabulary` or `/classes`.
  ///
  /// - Parameters:
  ///   - hasClasses: Whether texts are classes.
  ///   - special: Tokens at the start of the vocabulary.
  /// - Throws: If a file has no text and is not skipped, or there are no texts or too few classes.
  init(
    _ conversion: TranscribedConversion, _ writer: DatasetWriter, hasClasses: Bool, special: [String] = []
  ) throws {
    let names = conversion.plan.names
    if hasClasses {
      let (survey, count) = try conversion.surveyClasses()
      let classes = try survey.names()
      try writer.file.write("classes", classes)
      let targets = try names.map { try ClassTargetWriter(writer, split: $0, classes: classes) }
      writers = targets.map { target in { try target.append($0) } }
      (fileCount, notes) = (count, survey.notes(classes))
      return
    }
    let (tokens, count) = try conversion.makeVocabulary(special: special)
    try Vocabularies(targets: tokens).write(to: writer.file, hasChecksums: false)
    let targets = try names.map { try TargetWriter(writer, split: $0, vocabulary: tokens) }
    writers = targets.map { target in { try target.append($0) } }
    (fileCount, notes) = (count, ["vocabulary of \(tokens.count) \(tokens.unit.rawValue)s"])
  }

  /// Appends the target of a file to a split.
  func append(_ file: TranscribedFile, split: Int) throws { try writers[split](file) }
}
