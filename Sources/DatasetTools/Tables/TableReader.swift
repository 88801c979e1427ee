import WeftBase

/// Reads a table of separated values record by record: the first record contains names.
final class TableReader {
  private let header: TableHeader
  /// First line of the last record.
  private(set) var line = 1
  /// How the table is written.
  let format: TableFormat
  private var records: TableRecordReader
  /// A record that was read to tell whether it contains names.
  private var first: TableRecordReader.Record?
  /// The lines of empty records, which are rows unless the table ends with them, and how many were returned.
  private var emptyLines: [Int] = []
  private var returned = 0
  /// The record that follows them.
  private var pending: TableRecordReader.Record?
  /// Rows that were read, as long as they may tell whether there are names.
  private var rows = 0
  /// Empty records at the end.
  private var left = 0

  /// - Throws: If the file cannot be opened, is empty, or is no table.
  init(_ path: String, format: TableFormat = TableFormat()) throws(WeftError) {
    // Opening it tells that it is a file.
    records = try TableRecordReader(path, format)
    try ForeignTable.check(path)
    self.format = format
    header = try TableHeader(&records)
    first = header.row
  }

  /// Column names.
  var names: [String] { header.names }

  var path: String { records.bytes.path }
  var separator: UInt8 { records.separator }
  /// The line of the names; 0 without any.
  var headerLine: Int { header.line }
  /// Whether programs for lines of text read the table: not compressed, and without quoted fields so far.
  var isPlain: Bool { !path.hasSuffix(".gz") && !hasQuotes }
  private var hasQuotes = false
  /// Size of the file in bytes.
  var byteCount: Int { records.bytes.byteCount }
  /// Bytes read so far.
  var offset: Int { records.bytes.offset }

  /// What was left out of the table.
  var notes: [String] {
    var notes: [String] = []
    let remarks = header.remarks
    if remarks > 0 {
      notes.append(
        "left out \(remarks == 1 ? "a line" : "\(remarks) lines") with # before the table")
    }
    if left > 0 { notes.append("left out \(left == 1 ? "an empty row" : "\(left) empty rows") at the end") }
    return notes
  }

  /// The index of a column; nil if there is none.
  ///
  /// - Throws: If there are several.
  func index(of name: String) throws(WeftError) -> Int? {
    guard let index = names.firstIndex(of: name) else { return nil }
    guard names.lastIndex(of: name) == index else {
      throw .data("\(path): line \(header.line): duplicate column name '\(name)'")
    }
    return index
  }

  /// The fields of the next record; nil after the last one.
  ///
  /// - Throws: If the number of fields differs from the header, or it is not well-formed text.
  func next() throws(WeftError) -> [String]? {
    if let record = pending {
      if returned < emptyLines.count {
        line = emptyLines[returned]
        returned += 1
        return names.map { _ in "" }
      }
      (pending, emptyLines, returned) = (nil, [], 0)
      return try fields(of: record)
    }
    while let record = try nextRecord() {
      // With several columns, an empty line is not a record.
      if record.fields == [""], names.count > 1 { continue }
      let fields = try fields(of: record)
      guard record.isEmpty else {
        if emptyLines.isEmpty { return fields }
        pending = record
        return try next()
      }
      emptyLines.append(record.line)
    }
    left = emptyLines.count
    emptyLines = []
    return nil
  }

  private func nextRecord() throws(WeftError) -> TableRecordReader.Record? {
    guard let record = first else { return try records.next() }
    first = nil
    return record
  }

  private func fields(of record: TableRecordReader.Record) throws(WeftError) -> [String] {
    line = record.line
    hasQuotes = hasQuotes || record.isQuoted
    guard record.fields.count == names.count else {
      let place =
        header.line == 0
        ? "the first row has" : header.line == 1 ? "the first line names" : "line \(header.line) names"
      let advice = record.isQuoted ? "; is a quotation mark a character (--quote none)?" : ""
      throw failure("has \(record.fields.count) fields, but \(place) \(names.count) columns\(advice)")
    }
    if rows < 1000 {
      rows += 1
      if let column = header.repeated(in: record.fields) {
        throw failure(
          "is like line \(header.line), '\(names.joined(separator: ", ").prefix(60))', which should name the columns; use"
            + " --no-header, which names them 1, 2, 3 …, or put a line of names first", column: names[column])
      }
    }
    return record.fields
  }

  /// A failure at the last record.
  func failure(_ message: String, column: String? = nil) -> WeftError {
    .data("\(path): line \(line)\(column.map { ", column '\($0)'" } ?? ""): \(message)")
  }
}
