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
