import WeftBase

/// A text of a corpus, with its class.
struct LabelledText {
  let text: String
  /// The class; nil in a corpus without classes.
  let label: String?
  /// The file's path within its folder, which names the text; nil for texts of lines and records.
  var name: String?
  /// Where the text is, such as `train.txt: line 3`, for errors.
  let place: String
}

/// Reads the texts of one split, one after the other.
protocol LabelledTextReader: AnyObject {
  /// The next text; nil after the last one.
  ///
  /// - Throws: If a file cannot be read, or a text has no class or several.
  func next() throws(WeftError) -> LabelledText?

  /// What was left out or needs to be said, when all have been read.
  var notes: [String] { get }
}

/// How texts and their classes are written.
public enum LabelledTextForm: Sendable {
  /// Each line is a text without a class.
  case lines
  /// Each line is a text with one word that begins with a prefix and is its class, as fastText reads them:
  /// `__label__sports the text`.
  case prefixedLines(prefix: String)
  /// A folder of each class contains a file of each text.
  case folders(TableEncoding)
  /// JSON objects, one a line, or the rows of a table: fields of the text, joined with spaces, and one of its class, nil
  /// for texts without classes.
  case records(texts: [String], label: String?, TableFormat)

  /// Whether the texts have classes.
  var hasLabels: Bool {
    switch self {
    case .lines, .records(_, nil, _): false
    case .prefixedLines, .folders, .records: true
    }
  }

  /// A reader of some files, or of a folder.
  func reader(_ paths: [String]) -> any LabelledTextReader {
    switch self {
    case .lines: LabelledLines(paths, prefix: nil)
    case .prefixedLines(let prefix): LabelledLines(paths, prefix: prefix)
    case .folders(let encoding): ClassFolders(paths, encoding: encoding)
    case .records(let texts, let label, let format):
      LabelledRecords(paths, texts: texts, label: label, format: format)
    }
  }

  /// The usual beginning of labels.
  public static let usualPrefix = "__label__"

  /// Whether the first line with text of a file begins with a label.
  ///
  /// - Throws: If the file cannot be read.
  public static func isPrefixed(_ path: String) throws(WeftError) -> Bool {
    try ByteReader.start(of: path).starts(with: usualPrefix.utf8)
  }
}
