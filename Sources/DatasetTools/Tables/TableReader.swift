import WeftBase

/// Reads a table of separated values record by record: the first record contains names.
final class TableReader {
  private let header: TableHeader
  /// First line of the last record, and the byte that it begins with.
  private(set) var (line, rowOffset) = (1, 0)
  /// How the table is written.
  let format: TableFormat
  private var records: TableRecordReader
  /// Records that were read to tell where the names end, in reverse order.
  private var first: [TableRecordReader.Record]
  /// The lines and offsets of empty records, which are rows unless the table ends with them, and how many were returned.
  private var emptyLines: [(line: Int, offset: Int)] = []
  private var returned = 0
  /// The record that follows them.
  private var pending: TableRecordReader.Record?
  /// Rows that were read, as long as they may tell whether there are names.
  private var rows = 0
  /// Empty records at the end.
  private var left = 0
  /// Rows with an empty field more than there are names.
  private var longRows = 0

  /// - Throws: If the file cannot be opened, is empty, or is no table.
  init(_ path: String, format: TableFormat = TableFormat()) throws(WeftError) {
    // Opening it tells that it is a file.
    records = try TableRecordReader(path, format)
    try ForeignTable.check(path)
    self.format = format
    header = try TableHeader(&records)
    first = header.rows.reversed()
  }

  /// Column names.
  var names: [String] { header.names }

  var path: String { records.bytes.path }
  var separator: UInt8 { records.separator }
  /// The line of the names; 0 without any.
  var headerLine: Int { header.line }
  /// Whether programs for lines of text read the table: not compressed, and without quoted fields so far.
  var isPlain: Bool { !path.hasSuffix(".gz") && !hasQuotes && format.skippedLines.isEmpty }
  /// Whether rows can be read in another order than theirs.
  var isSeekable: Bool { records.bytes.isSeekable }
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
    notes += header.notes
    let skipped = records.skipped
    if skipped > 0 {
      notes.append("left out \(skipped == 1 ? "a line" : "\(skipped) lines") (--skip-lines)")
    }
    if longRows > 0 {
      notes.append(
        "left out an empty field at the end of \(longRows == 1 ? "a row" : "\(longRows) rows"), for which there is no name"
      )
    }
    if left > 0 { notes.append("left out \(left == 1 ? "an empty row" : "\(left) empty rows") at the end") }
    return notes
  }

  /// The index of a column, which is also found without the space around its name; nil if there is none.
  ///
  /// - Throws: If there are several.
  func index(of name: String) throws(WeftError) -> Int? {
    var found = names.indices.filter { names[$0] == name }
    if found.isEmpty { found = names.indices.filter { MissingValues.trimmed(names[$0]) == name } }
    guard let index = found.first else { return nil }
    guard found.count == 1 else {
      throw .data(
        "\(path): line \(header.line): duplicate column name '\(name)'; --no-header with --skip-lines \(header.line) names the"
          + " columns 1, 2, 3 …")
    }
    return index
  }

  /// Names that were separated by commas, of which some contain commas themselves.
  func joined(_ parts: [String]) -> [String] {
    var (names, start) = ([String](), 0)
    func has(_ name: String) -> Bool {
      self.names.contains { $0 == name || MissingValues.trimmed($0) == name }
    }
    while start < parts.count {
      var end = start
      while end < parts.count, !has(parts[start...end].joined(separator: ",")) { end += 1 }
      if end == parts.count { end = start }
      names.append(parts[start...end].joined(separator: ","))
      start = end + 1
    }
    return names
  }

  /// Continues with the row that begins at a byte and a line.
  func seek(to offset: Int, line: Int) {
    (first, pending, emptyLines, returned) = ([], nil, [], 0)
    records.seek(to: offset, line: line)
  }

  /// The fields of the next record; nil after the last one.
  ///
  /// - Throws: If the number of fields differs from the header, or it is not well-formed text.
  func next() throws(WeftError) -> [String]? {
    if let record = pending {
      if returned < emptyLines.count {
        (line, rowOffset) = emptyLines[returned]
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
      emptyLines.append((record.line, record.offset))
    }
    left = emptyLines.count
    emptyLines = []
    return nil
  }

  private func nextRecord() throws(WeftError) -> TableRecordReader.Record? {
    if let record = first.popLast() { return record }
    return try records.next()
  }

  private func fields(of record: TableRecordReader.Record) throws(WeftError) -> [String] {
    (line, rowOffset) = (record.line, record.offset)
    hasQuotes = hasQuotes || record.isQuoted
    if record.fields.count == names.count + 1, header.line > 0, record.fields.last?.isEmpty == true,
      names.count > 1
    {
      longRows += 1
      return Array(record.fields.dropLast())
    }
    guard record.fields.count == names.count else {
      let place =
        header.line == 0
        ? "the first row has" : header.line == 1 ? "the first line names" : "line \(header.line) names"
      throw failure(
        "has \(record.fields.count) fields, but \(place) \(names.count) columns\(lengthAdvice(record))")
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

  /// What to do about a record of another length than the names.
  private func lengthAdvice(_ record: TableRecordReader.Record) -> String {
    if rows == 0, header.line > 0, record.fields.count == names.count + 1 {
      return "; if rows begin with a name, as R writes them, name that column first"
    }
    if record.isQuoted { return "; is a quotation mark a character (--quote none)?" }
    if record.fields.count == 1, format.number(MissingValues.trimmed(record.fields[0])) == nil {
      return "; leave out what is no row with --skip-lines, such as --skip-lines \(line) or \(line)-"
    }
    return ""
  }

  /// A failure at the last record.
  func failure(_ message: String, column: String? = nil) -> WeftError {
    .data("\(path): line \(line)\(column.map { ", column '\($0)'" } ?? ""): \(message)")
  }
}
