import WeftBase
import WeftData

/// Reads a table of separated values record by record: the first record contains names. Several files of the same columns
/// are one table, with a column more, which names the file of each row.
final class TableReader {
  private(set) var header: TableHeader
  /// Column names.
  let names: [String]
  /// The columns of each name, as it is written and without the space around it.
  private let places: (exact: [String: [Int]], trimmed: [String: [Int]])
  /// First line of the last record, and the byte that it begins with.
  private(set) var (line, rowOffset) = (1, 0)
  /// How the table is written.
  let format: TableFormat
  private var records: TableRecordReader
  /// The files, of which the current one has this index.
  let files: [String]
  private var fileIndex = 0
  /// The number of the file of the last row.
  private(set) var fileNumber = 0
  /// Where each file begins, as if they were one, and all end.
  let starts: [Int]
  /// Whether rows have a column that names their file.
  let namesFiles: Bool
  /// The names of the files in that column.
  let fileNames: [String]
  /// The columns of the current file in the order of the first one, nil inside for what it lacks; nil if they have it.
  private var columns: [Int?]?
  /// Columns that files after the first must have, where their rows may be to be forecast; nil for all.
  private let needed: Set<String>?
  /// What files lack, and what else they have.
  private var differences: [String] = []
  /// Rows with a column for each name of a long table; nil for rows as they are.
  private let pivoted: PivotedTable?
  private var pivotedCount = 0
  /// Other tables, whose columns follow, and the rows that each has no partner for.
  private let joined: [JoinedTable]
  private var missed: [Int]
  /// What the first row without a partner would be joined by.
  private var firstMissed: [String]?
  /// Columns before those of other tables.
  private let ownCount: Int
  /// Records that were read to tell where the names end, in reverse order.
  private var first: [TableRecordReader.Record]
  /// The lines and offsets of empty records, which are rows unless the table ends with them, and how many were returned.
  private var emptyLines: [(line: Int, offset: Int)] = []
  private var returned = 0
  /// The record that follows them.
  private var pending: TableRecordReader.Record?
  /// Rows that were read, as long as they may tell whether there are names.
  private(set) var rows = 0
  /// Empty records at the ends of files, and lines left out of those that were read.
  private var (left, skippedBefore) = (0, 0)
  /// Rows with an empty field more than there are names, and those whose line ends with a semicolon.
  private var (longRows, semicolons) = (0, 0)

  /// The name of the column that names files.
  static let fileColumn = "file"

  /// - Throws: If the file cannot be opened, is empty, or is no table.
  convenience init(_ path: String, format: TableFormat = TableFormat()) throws(WeftError) {
    try self.init([path], format: format)
  }

  /// - Parameters:
  ///   - pivoted: The rows of the same files with a column for each name; nil for those as they are.
  ///   - joined: Other tables, whose columns follow.
  ///   - namesFile: Whether rows name their file also if there is one alone.
  ///   - needed: Columns that files after the first must have; nil for all.
  /// - Throws: If a file cannot be opened, is empty, or is no table.
  init(
    _ paths: [String], format: TableFormat, pivoted: PivotedTable? = nil, joined: [JoinedTable] = [],
    namesFile: Bool = false, needed: Set<String>? = nil
  )
    throws(WeftError)
  {
    self.needed = needed
    if let path = paths.enumerated().first(where: { paths[..<$0.offset].contains($0.element) })?.element {
      throw .usage("\(path) is named twice")
    }
    // Opening it tells that it is a file.
    records = try TableRecordReader(paths[0], format)
    try ForeignTable.check(paths[0])
    self.format = format
    header = try TableHeader(&records)
    first = header.rows.reversed()
    (files, self.pivoted) = (paths, pivoted)
    var (starts, isSeekable) = ([0], records.bytes.isSeekable)
    for (index, path) in paths.enumerated() {
      let bytes = index == 0 ? records.bytes : try ByteReader(path)
      starts.append(starts[index] + bytes.byteCount)
      isSeekable = isSeekable && bytes.isSeekable
    }
    (self.starts, self.isSeekable) = (starts, isSeekable && pivoted == nil)
    namesFiles = (paths.count > 1 || namesFile) && !header.names.contains(Self.fileColumn)
    let stems = paths.map { path in
      let plain = path.hasSuffix(".gz") ? String(path.dropLast(3)) : path
      // A time that names a file ends with a number rather than with an extension.
      return Int(PathParts.ending(of: plain)) == nil ? PathParts.stem(of: plain) : PathParts.name(of: plain)
    }
    fileNames = Set(stems).count == stems.count ? stems : paths
    let own = pivoted?.names ?? (namesFiles ? header.names + [Self.fileColumn] : header.names)
    (self.joined, missed, ownCount) = (joined, joined.map { _ in 0 }, own.count)
    let names = joined.reduce(own) { $0 + $1.names }
    self.names = names
    places = (
      Dictionary(grouping: names.indices) { names[$0] },
      Dictionary(grouping: names.indices) { MissingValues.trimmed(names[$0]) }
    )
  }

  var path: String { files[fileNumber] }
  /// The time of the last row, where it is another than its text tells; nil for that.
  var rowTime: Double? {
    guard let pivoted, pivoted.isResampled, pivotedCount > 0 else { return nil }
    return pivoted.time(of: pivotedCount - 1)
  }
  /// Number of columns of the file.
  var columnCount: Int { header.names.count }
  var separator: UInt8 { records.separator }
  /// Whether lines have the numbers of one file.
  var isOfOneFile: Bool { files.count == 1 && pivoted == nil }
  /// The call of pandas that reads the table.
  var pandasCall: String {
    let options =
      (headerLine > 1 ? ", skiprows=\(headerLine - 1)" : "")
      + (separator == UInt8(ascii: ",")
        ? "" : separator == 9 ? ", sep='\\t'" : ", sep='\(Character(UnicodeScalar(separator)))'")
      + (format.encoding == .utf8 ? "" : ", encoding='\(format.encoding.rawValue)'")
    return "pandas.read_csv('\(PathParts.name(of: path))'\(options))"
  }
  /// The first field of a table without names, before its rows are read.
  var firstField: String? { format.hasHeader ? nil : first.last?.fields.first }
  /// The line of the names; 0 without any.
  var headerLine: Int { header.line }
  /// Whether programs for lines of text read the table: one file, not compressed, and without quoted fields so far.
  var isPlain: Bool {
    !path.hasSuffix(".gz") && !hasQuotes && format.skippedLines.isEmpty && files.count == 1 && pivoted == nil
  }
  /// Whether rows can be read in another order than theirs.
  let isSeekable: Bool
  private var hasQuotes = false
  /// Size of the files in bytes.
  var byteCount: Int { starts[files.count] }
  /// Bytes read so far.
  var offset: Int {
    guard let pivoted else { return starts[fileIndex] + records.bytes.offset }
    return Int(Double(byteCount) * Double(pivotedCount) / Double(max(pivoted.rowCount, 1)))
  }

  /// What was left out of the table.
  var notes: [String] {
    var notes: [String] = []
    let remarks = header.remarks
    if remarks > 0 {
      notes.append(
        "left out \(remarks == 1 ? "a line" : "\(remarks) lines") with # before the table")
    }
    notes += header.notes
    let skipped = skippedBefore + records.skipped
    if skipped > 0 {
      notes.append("left out \(skipped == 1 ? "a line" : "\(skipped) lines") (--skip-lines)")
    }
    if longRows > 0 {
      notes.append(
        "left out an empty field at the end of \(longRows == 1 ? "a row" : "\(longRows) rows"), for which there is no name"
      )
    }
    if semicolons > 0 {
      notes.append(
        "left out the semicolon at the end of \(semicolons == 1 ? "a line" : "\(semicolons) lines")")
    }
    notes += differences
    notes += zip(joined, missed).map { $0.note(missed: $1) }
    if left > 0 { notes.append("left out \(left == 1 ? "an empty row" : "\(left) empty rows") at the end") }
    return notes
  }

  /// - Throws: If no row had a partner in another table.
  func checkPartners(rows: Int) throws(WeftError) {
    for (table, missed) in zip(joined, missed) where missed >= rows {
      throw .data(
        "\(table.file): none of \(NumberText.counted(rows, "rows")) of \(files[0]) has a partner by \(table.keyNames.joined(separator: ", "))"
          + (firstMissed.map {
            ", such as '\($0.joined(separator: ","))', where it has '\(table.example.joined(separator: ","))'"
          } ?? "")
          + "; name the columns with the same values, such as --join \(table.file):shop=id")
    }
  }

  /// Continues with another file.
  ///
  /// - Throws: If it is no table of the same columns.
  private func open(file index: Int) throws(WeftError) {
    skippedBefore += records.skipped
    records = try TableRecordReader(files[index], format)
    try ForeignTable.check(files[index])
    header = try TableHeader(&records)
    (fileIndex, fileNumber, first) = (index, index, header.rows.reversed())
    (pending, emptyLines, returned, rows) = (nil, [], 0, 0)
    let own = names.prefix(ownCount)
    let wanted = Array(namesFiles ? own.dropLast() : own)
    if header.names == wanted {
      columns = nil
      return
    }
    var order: [Int?] = []
    for name in wanted {
      let place = header.names.firstIndex(of: name)
      guard place != nil || needed?.contains(MissingValues.trimmed(name)) == false else {
        throw .data(
          "\(files[index]): has no column '\(name)', which \(files[0]) has; several files need the same columns"
            + (needed == nil ? ", but for what is to be forecast where --covariates tells the rest" : ""))
      }
      order.append(place)
    }
    let found = order.compactMap(\.self)
    let lacked = zip(wanted, order).filter { $1 == nil }.map(\.0)
    let others = header.names.filter { !wanted.contains($0) }
    guard Set(found).count == found.count, !lacked.isEmpty || others.isEmpty else {
      throw .data(
        "\(files[index]): has the column '\(others.first ?? header.names.last ?? "")', which \(files[0]) lacks; several files need the"
          + " same columns")
    }
    if !lacked.isEmpty {
      let shown = [lacked, others].map { names in
        names.prefix(5).map { "'\($0.abridged)'" }.joined(separator: ", ") + (names.count > 5 ? ", …" : "")
      }
      let note =
        "\(files[index]): has no column \(shown[0]), which \(files[0]) has: its rows are to be forecast"
        + (others.isEmpty ? "" : "; left out \(shown[1])")
      if !differences.contains(note) { differences.append(note) }
    }
    columns = order
  }

  /// The index of a column, which is also found without the space around its name; nil if there is none.
  ///
  /// - Throws: If there are several.
  func index(of name: String) throws(WeftError) -> Int? {
    guard let found = places.exact[name] ?? places.trimmed[name], let index = found.first else { return nil }
    guard found.count == 1 else {
      throw .data(
        "\(path): line \(header.line): duplicate column name '\(name)'; --no-header with --skip-lines"
          + " \(header.line == 1 ? "" : "1-")\(header.line) names the columns 1, 2, 3 …")
    }
    return index
  }

  /// Names that were separated by commas, of which some contain commas themselves.
  func joined(_ parts: [String]) -> [String] {
    var (names, start) = ([String](), 0)
    func has(_ name: String) -> Bool { places.exact[name] ?? places.trimmed[name] != nil }
    while start < parts.count {
      var end = start
      while end < parts.count, !has(parts[start...end].joined(separator: ",")) { end += 1 }
      if end == parts.count { end = start }
      names.append(parts[start...end].joined(separator: ","))
      start = end + 1
    }
    return names
  }

  /// The index of the file that a byte is in.
  func file(of offset: Int) -> Int { min(starts.partition(after: offset), files.count) - 1 }

  /// Continues with the row that begins at a byte and a line.
  ///
  /// - Parameter known: The bytes from there on, as far as they are known.
  /// - Throws: If it is in another file, which cannot be read.
  func seek(to offset: Int, line: Int, having known: ArraySlice<UInt8>) throws(WeftError) {
    let index = file(of: offset)
    if index != fileIndex { try open(file: index) }
    (first, pending, emptyLines, returned) = ([], nil, [], 0)
    records.seek(to: offset - starts[fileIndex], line: line, having: known)
  }

  /// The fields of the next row; nil after the last one.
  ///
  /// - Throws: If the number of fields differs from the header, or it is not well-formed text.
  func next() throws(WeftError) -> TableRow? {
    guard var fields = try nextOwn() else { return nil }
    for (index, table) in joined.enumerated() {
      if let others = table.fields(of: fields) {
        for other in others { fields.append(other.utf8) }
      } else {
        missed[index] += 1
        if firstMissed == nil { firstMissed = table.keyTexts(of: fields) }
        for _ in table.names { fields.append([]) }
      }
    }
    return fields
  }

  /// The fields of the next row without those of other tables.
  private func nextOwn() throws(WeftError) -> TableRow? {
    if let pivoted {
      guard pivotedCount < pivoted.rowCount else { return nil }
      pivotedCount += 1
      (fileNumber, line) = pivoted.place(of: pivotedCount - 1)
      return TableRow(pivoted.fields(of: pivotedCount - 1))
    }
    while true {
      if var fields = try nextOfFile() {
        if let columns { fields = TableRow(columns.map { $0.map { fields[$0] } ?? "" }) }
        if namesFiles { fields.append(fileNames[fileIndex].utf8) }
        return fields
      }
      guard fileIndex + 1 < files.count else { return nil }
      try open(file: fileIndex + 1)
    }
  }

  /// The fields of the next row of the current file; nil after its last one.
  private func nextOfFile() throws(WeftError) -> TableRow? {
    if let record = pending {
      if returned < emptyLines.count {
        (line, rowOffset) = (emptyLines[returned].line, starts[fileIndex] + emptyLines[returned].offset)
        returned += 1
        return TableRow(header.names.map { _ in "" })
      }
      (pending, emptyLines, returned) = (nil, [], 0)
      return try fields(of: record)
    }
    while let record = try nextRecord() {
      // With several columns, an empty line is not a record.
      if record.fields.count == 1, record.fields.isBlank, header.names.count > 1 { continue }
      let fields = try fields(of: record)
      guard record.fields.isBlank else {
        if emptyLines.isEmpty { return fields }
        pending = record
        return try nextOfFile()
      }
      emptyLines.append((record.line, record.offset))
    }
    left += emptyLines.count
    emptyLines = []
    return nil
  }

  private func nextRecord() throws(WeftError) -> TableRecordReader.Record? {
    if let record = first.popLast() { return record }
    return try records.next()
  }

  private func fields(of record: TableRecordReader.Record) throws(WeftError) -> TableRow {
    var record = record
    // As lines of programs in C end, in tables of other separators.
    if header.endsWithSemicolon, record.fields.removeLast(UInt8(ascii: ";")) { semicolons += 1 }
    (line, rowOffset) = (record.line, starts[fileIndex] + record.offset)
    hasQuotes = hasQuotes || record.isQuoted
    if record.fields.count == header.names.count + 1, header.line > 0, record.fields.last?.isEmpty == true,
      header.names.count > 1
    {
      longRows += 1
      record.fields.removeLast()
      return record.fields
    }
    guard record.fields.count == header.names.count else {
      let place =
        header.line == 0
        ? "the first row has" : header.line == 1 ? "the first line names" : "line \(header.line) names"
      throw failure(
        "has \(record.fields.count == 1 ? "1 field" : "\(record.fields.count) fields"), but \(place) \(NumberText.counted(header.names.count, "columns"))\(lengthAdvice(record))"
      )
    }
    if rows < 1000 {
      rows += 1
      if let column = header.repeated(in: record.fields) {
        let advice =
          header.remarkLine > 0
          ? "take the # off line \(header.remarkLine) if it names them, or use --no-header, which names them 1, 2, 3 …"
          : "use --no-header, which names them 1, 2, 3 …, or put a line of names first"
        throw failure(
          "is like line \(header.line), '\(header.names.joined(separator: ", ").prefix(60))', which should name the columns; \(advice)",
          column: header.names[column])
      }
    }
    return record.fields
  }

  /// A failure at the last record.
  func failure(_ message: String, column: String? = nil) -> WeftError {
    .data("\(path): line \(line)\(column.map { ", column '\($0.abridged)'" } ?? ""): \(message)")
  }
}
