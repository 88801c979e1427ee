import WeftBase

/// Reads a table of separated values (RFC 4180) record by record: the first record contains names; quoted fields may
/// contain separators, line breaks and doubled quotation marks.
///
/// Existing packages would load the complete file into memory.
final class TableReader {
  /// Column names.
  let names: [String]
  /// First line of the last record.
  private(set) var line = 1
  /// How the table is written.
  let format: TableFormat
  private let bytes: ByteReader
  private let separator: UInt8
  private var nextLine = 1

  /// Maximum length of a field.
  private static let maximumField = 1 << 24
  /// Maximum number of fields of a record.
  private static let maximumFieldCount = 1 << 20
  /// Maximum length of a record.
  private static let maximumRecord = 1 << 28

  /// - Throws: If the file cannot be opened, is empty, or has duplicate column names.
  init(_ path: String, format: TableFormat = TableFormat()) throws(WeftError) {
    bytes = try ByteReader(path)
    self.format = format
    separator = format.separator(of: path)
    var first: [String]?
    (first, nextLine) = try Self.record(bytes, separator, format.encoding, line: 1)
    guard var names = first else {
      throw .data("\(path): is empty; the first line must name the columns")
    }
    if names[0].hasPrefix("\u{FEFF}") { names[0].unicodeScalars.removeFirst() }
    var known: Set<String> = []
    for name in names where !known.insert(name).inserted {
      throw .data("\(path): line 1: duplicate column name '\(name)'")
    }
    self.names = names
  }

  var path: String { bytes.path }
  /// Size of the file in bytes.
  var byteCount: Int { bytes.byteCount }
  /// Bytes read so far.
  var offset: Int { bytes.offset }

  /// The fields of the next record; nil after the last one.
  ///
  /// - Throws: If the number of fields differs from the header, or it is not well-formed UTF-8.
  func next() throws(WeftError) -> [String]? {
    while true {
      line = nextLine
      let fields: [String]?
      (fields, nextLine) = try Self.record(bytes, separator, format.encoding, line: line)
      guard let fields else { return nil }
      // With several columns, an empty line is not a record.
      if fields == [""], names.count > 1 { continue }
      guard fields.count == names.count else {
        throw failure("has \(fields.count) fields, but the first line names \(names.count) columns")
      }
      return fields
    }
  }

  /// A failure at the last record.
  func failure(_ message: String, column: String? = nil) -> WeftError {
    .data("\(path): line \(line)\(column.map { ", column '\($0)'" } ?? ""): \(message)")
  }

  /// A record and the number of the following line.
  private static func record(
    _ bytes: ByteReader, _ separator: UInt8, _ encoding: TableEncoding, line: Int
  ) throws(WeftError) -> ([String]?, Int) {
    let quote = UInt8(ascii: "\"")
    func failure(_ message: String) -> WeftError { .data("\(bytes.path): line \(line): \(message)") }
    guard try bytes.peek() != nil else { return (nil, line) }
    let start = bytes.offset
    var (fields, field, end) = ([String](), [UInt8](), line)
    var (isQuoted, wasQuoted) = (false, false)
    func text() throws(WeftError) -> String {
      guard let text = encoding.text(field) else {
        let isUTF16 = line == 1 && (field.starts(with: [0xFF, 0xFE]) || field.starts(with: [0xFE, 0xFF]))
        throw failure(
          isUTF16
            ? "is UTF-16 text; convert it with iconv -f UTF-16 -t UTF-8"
            : "is not \(encoding.rawValue) text; name its encoding with --encoding latin-1 or windows-1252, or convert"
              + " it with iconv")
      }
      return text
    }
    while true {
      let byte = try bytes.byte()
      if isQuoted {
        guard let byte else { throw failure("unterminated quoted field") }
        if byte == UInt8(ascii: "\n") { end += 1 }
        if byte != quote {
          field.append(byte)
        } else if try bytes.peek() == quote {
          field.append(quote)
          _ = try bytes.byte()
        } else {
          (isQuoted, wasQuoted) = (false, true)
        }
        guard field.count <= maximumField else {
          throw failure("a field exceeds 16 MiB; is a quotation mark missing?")
        }
        continue
      }
      switch byte {
      case quote where field.isEmpty && !wasQuoted: isQuoted = true
      case separator:
        fields.append(try text())
        guard fields.count <= maximumFieldCount, bytes.offset - start <= maximumRecord else {
          throw failure("a record exceeds \(maximumFieldCount) fields or \(maximumRecord >> 20) MiB")
        }
        field.removeAll(keepingCapacity: true)
        wasQuoted = false
      case UInt8(ascii: "\n"), nil:
        if field.last == UInt8(ascii: "\r") { field.removeLast() }
        fields.append(try text())
        return (fields, end + 1)
      case let byte?:
        guard !wasQuoted || byte == UInt8(ascii: "\r") else {
          throw failure("text after a closing quotation mark; double quotation marks within a field")
        }
        field.append(byte)
        guard field.count <= maximumField else { throw failure("a field is longer than 16 MiB") }
      }
    }
  }
}
