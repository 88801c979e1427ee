import WeftBase

/// Which columns of tagged text hold the words and their tags, counted from 1.
public struct TaggedColumns: Sendable, Equatable {
  /// The column of words; nil for the first, or FORM in CoNLL-U.
  public var word: Int?
  /// The column of tags; nil for the last, or UPOS in CoNLL-U.
  public var tag: Int?

  /// The usual columns.
  public init() {}

  /// The columns of CoNLL-U.
  static let universal = [
    "ID", "FORM", "LEMMA", "UPOS", "XPOS", "FEATS", "HEAD", "DEPREL", "DEPS", "MISC",
  ]

  /// The number of a column.
  ///
  /// - Parameters:
  ///   - text: A number, or a name of CoNLL-U.
  ///   - option: What it was given with, for the error.
  /// - Throws: A usage error if it is neither.
  public static func number(_ text: String, option: String) throws(WeftError) -> Int {
    if let number = Int(text), (1...1000).contains(number) { return number }
    if let index = universal.firstIndex(of: text.uppercased()) { return index + 1 }
    throw .usage(
      "\(option): '\(text)' is not the number of a column, counted from 1, or a name of CoNLL-U such as UPOS")
  }

  /// Whether a file is tagged text, by its name or its first word.
  ///
  /// - Throws: If the file cannot be read.
  public static func areWritten(in path: String) throws(WeftError) -> Bool {
    var name = path.lowercased()
    if name.hasSuffix(".gz") { name.removeLast(3) }
    if ["conll", "conllu", "conllx", "conll03", "iob", "iob2", "bio"].contains(PathParts.ending(of: name)) {
      return true
    }
    return try ByteReader.start(of: path).starts(with: TaggedSentences.documentStart.utf8)
  }
}
