import WeftText

/// Writes sequences of tokens of a split, with a class for each sequence or for each of its steps.
final class LabelledSequenceWriter {
  private let tokens: TokenWriter
  private let offsets: ArrayWriter<Int64>
  private let classes: ArrayWriter<Int32>?
  private let flags: ArrayWriter<UInt8>?
  private let values: NumberWriter?
  private let names: TextWriter?
  /// Sequences appended so far.
  private(set) var count = 0

  /// - Parameters:
  ///   - hasClasses: Whether there are classes.
  ///   - labels: The labels of which a sequence may have several, instead of classes; empty for classes.
  ///   - numbers: The names of numbers to be predicted; empty for none.
  ///   - isTagged: Whether there is a class for each step.
  ///   - hasNames: Whether sequences have names.
  /// - Throws: If the file cannot be written.
  init(
    _ writer: DatasetWriter, split: String, vocabulary: Vocabulary, hasClasses: Bool, labels: [String] = [],
    numbers: [String] = [], isTagged: Bool = false, hasNames: Bool = false
  ) throws {
    tokens = TokenWriter(writer, "\(split)/inputs", bound: vocabulary.count, label: "step")
    offsets = writer.array("\(split)/offsets", of: Int64.self, labels: ["sequence boundary"])
    try offsets.append(0)
    classes =
      hasClasses && labels.isEmpty
      ? writer.array("\(split)/targets", of: Int32.self, labels: [isTagged ? "step" : "sequence"]) : nil
    flags =
      labels.isEmpty
      ? nil
      : writer.array(
        "\(split)/targets", of: UInt8.self, rowShape: [labels.count], labels: ["sequence", "label"],
        attributes: ["description": "1 for each label of a sequence, 0 for others"],
        texts: ["feature_names": labels])
    values =
      numbers.isEmpty
      ? nil
      : NumberWriter(
        writer, "\(split)/targets", rowShape: [numbers.count], labels: ["sequence", "feature"],
        names: numbers,
        isPrecise: false)
    names =
      hasNames
      ? try TextWriter(
        writer, "\(split)/names", label: "sequence", description: "source file of each sequence") : nil
  }

  /// Tokens appended so far.
  var tokenCount: Int { tokens.count }

  /// Appends a sequence.
  ///
  /// - Parameters:
  ///   - classes: One for the sequence or one for each step; none without classes. The numbers of all its labels where
  ///     there may be several.
  ///   - numbers: The numbers to be predicted; empty without them.
  ///   - name: Its name; nil without names.
  /// - Throws: If it cannot be written, for example on a full disk.
  func append(
    _ sequence: [Int32], classes: [Int32], numbers: [Double] = [], name: String? = nil
  ) throws {
    try tokens.append(sequence)
    try offsets.append(Int64(tokens.count))
    try self.classes?.append(classes)
    try values?.append(numbers)
    if let flags {
      try flags.append((0..<flags.rowCount).map { classes.contains(Int32($0)) ? 1 : 0 })
    }
    if let name { try names?.append(name) }
    count += 1
  }
}
