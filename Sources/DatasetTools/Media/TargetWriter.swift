import WeftBase
import WeftTasks
import WeftText

/// Writes the token sequences of a split to `targets` and `target_offsets`, and their sources to `files` and `texts`.
final class TargetWriter {
  private let vocabulary: Vocabulary
  private let tokens: TokenWriter
  private let offsets: ArrayWriter<Int64>
  private let files: TextWriter
  private let texts: TextWriter
  /// Tokens before and after each sequence.
  private let (before, after): ([Int32], [Int32])
  /// Sequences appended so far.
  private(set) var count = 0

  /// - Throws: If the file cannot be written.
  init(_ writer: DatasetWriter, split: String, vocabulary: Vocabulary) throws {
    self.vocabulary = vocabulary
    before = vocabulary.number(of: Vocabulary.beginningToken).map { [$0] } ?? []
    after = vocabulary.number(of: Vocabulary.endToken).map { [$0] } ?? []
    tokens = TokenWriter(writer, "\(split)/targets", bound: vocabulary.count, label: "step")
    offsets = writer.array("\(split)/target_offsets", of: Int64.self, labels: ["sequence boundary"])
    try offsets.append(0)
    files = try TextWriter(
      writer, "\(split)/files", label: "sequence",
      description: "source file of each sequence")
    texts = try TextWriter(
      writer, "\(split)/texts", label: "sequence",
      description: "the text of each sequence")
  }

  /// Appends the tokens of a file's text, between `<bos>` and `<eos>` where the vocabulary has them.
  func append(_ file: TranscribedFile) throws {
    try tokens.append(before + vocabulary.encode(file.text) + after)
    try offsets.append(Int64(tokens.count))
    try files.append(file.name)
    try texts.append(file.text)
    count += 1
  }
}

/// Writes the class of each file of a split to `targets`, and its source to `files`.
final class ClassTargetWriter {
  private let numbers: [String: Int32]
  private let targets: ArrayWriter<Int32>
  private let files: TextWriter
  /// Files appended so far.
  private(set) var count = 0

  /// - Parameter classes: The names of all classes.
  /// - Throws: If the file cannot be written.
  init(_ writer: DatasetWriter, split: String, classes: [String]) throws {
    numbers = Dictionary(uniqueKeysWithValues: classes.enumerated().map { ($1, Int32($0)) })
    targets = writer.array("\(split)/targets", of: Int32.self, labels: ["sequence"])
    files = try TextWriter(
      writer, "\(split)/files", label: "sequence", description: "source file of each sequence")
  }

  /// Appends the class of a file, which is its text.
  func append(_ file: TranscribedFile) throws {
    guard let number = numbers[file.text] else {
      throw WeftError.data("\(file.place ?? file.path): '\(file.text)' is none of the classes")
    }
    try targets.append(number)
    try files.append(file.name)
    count += 1
  }
}
