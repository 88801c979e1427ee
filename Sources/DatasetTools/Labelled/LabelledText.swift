import WeftBase

/// A text of a corpus, with its class or its labels.
struct LabelledText: Sendable {
  let text: String
  /// The class, or several labels or none; nil in a corpus without classes.
  let labels: [String]?
  /// Numbers to be predicted; empty in a corpus without them.
  var numbers: [Double] = []
  /// The file's path within its folder, which names the text; nil for texts of lines and records.
  var name: String?
  /// Where the text is, such as `train.txt: line 3`, for errors.
  let place: String
}

/// Reads the texts of one split, one after the other.
protocol LabelledTextReader: AnyObject {
  /// The next text; nil after the last one.
  ///
  /// - Throws: If a file cannot be read, or a text has no class where each needs one.
  func next() throws(WeftError) -> LabelledText?

  /// What was left out or needs to be said, when all have been read.
  var notes: [String] { get }
}

/// How texts and their classes are written.
public enum LabelledTextForm: Sendable {
  /// Each line is a text without a class.
  case lines
  /// Each line is a text with a word that begins with a prefix and is its class, or several that are its labels, as
  /// fastText reads them: `__label__sports the text`.
  case prefixedLines(prefix: String)
  /// A folder of each class contains a file of each text.
  case folders(TableEncoding)
  /// The names of files tell the class of the text in each, or of each of its lines.
  case named(NamePattern, areLines: Bool, TableEncoding)
  /// JSON objects, one a line, or the rows of a table: fields of the text, joined with spaces, and those of its class or
  /// its labels.
  case records(texts: [String], RecordLabels, TableFormat)

  /// Whether the texts have classes.
  var hasLabels: Bool {
    switch self {
    case .lines, .records(_, .none, _), .records(_, .numbers, _): false
    case .prefixedLines, .folders, .named, .records: true
    }
  }

  /// A reader of some files, or of a folder.
  func reader(_ paths: [String]) -> any LabelledTextReader {
    switch self {
    case .lines: LabelledLines(paths, prefix: nil)
    case .prefixedLines(let prefix): LabelledLines(paths, prefix: prefix)
    case .folders(let encoding): ClassFolders(paths, encoding: encoding)
    case .named(let pattern, let areLines, let encoding):
      NamedTexts(paths, pattern, areLines: areLines, encoding: encoding)
    case .records(let texts, let labels, let format):
      LabelledRecords(paths, texts: texts, labels: labels, format: format)
    }
  }

  /// The option that reads numbers in place of the classes of the form; nil if none does.
  var numberOption: String? {
    if case .records(_, .field(_, nil), _) = self { RecordLabels.numbers([]).option } else { nil }
  }

  /// The fields of numbers to be predicted; empty without them.
  var numberFields: [String] {
    if case .records(_, .numbers(let names), _) = self { names } else { [] }
  }

  /// The labels that the form names itself, in their order; empty if the texts do.
  var namedLabels: [String] {
    if case .records(_, .flags(let names), _) = self { names } else { [] }
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

/// Where records have the classes or labels of their texts.
public enum RecordLabels: Sendable, Equatable {
  /// Nowhere.
  case none
  /// In a field or column: the class, or labels between which the separator is; nil for one class. A list of JSON holds
  /// several by itself.
  case field(String, separator: String?)
  /// In a field or column of each label, which is 1 where the text has it and 0 elsewhere.
  case flags([String])
  /// In fields or columns of numbers to be predicted, in place of classes.
  case numbers([String])

  /// The names of the fields.
  var fields: [String] {
    switch self {
    case .none: []
    case .field(let name, _): [name]
    case .flags(let names), .numbers(let names): names
    }
  }

  /// The option that names them.
  var option: String { if case .numbers = self { "--target-field" } else { "--label-field" } }
}
