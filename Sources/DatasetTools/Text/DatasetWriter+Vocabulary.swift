import WeftText

extension DatasetWriter {
  /// Writes the vocabulary of a file of text, its unit and where the text is from.
  ///
  /// - Throws: If the file cannot be written.
  func write(_ vocabulary: Vocabulary, of sources: [String]) throws {
    try file.attributes.set("unit", to: vocabulary.unit.rawValue)
    try file.attributes.set("source", to: sources.joined(separator: ", "))
    try Vocabularies(inputs: vocabulary).write(to: file, hasChecksums: false)
  }
}
