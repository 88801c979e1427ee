import WeftBase

/// The lines of a table up to its columns' names.
struct TableHeader {
  private(set) var names: [String]
  /// The line of the names; 0 without any.
  private(set) var line: Int
  /// The first rows, which were read to learn where the names end.
  private(set) var rows: [TableRecordReader.Record] = []
  /// What was read otherwise than as names and rows.
  private(set) var notes: [String] = []
  /// Number of lines that begin with `#` before the names.
  private(set) var remarks = 0
  /// Whether the first row ends with a semicolon, which separates nothing.
  private(set) var endsWithSemicolon = false
  /// Whether names were in several lines.
  private var hasLevels = false
  /// The line of a remark above the names that has as many parts as they, and may name the columns itself; 0 for none.
  private(set) var remarkLine = 0
  /// Columns with a text or a date beside numbers, so that the names may be a row.
  private var doubtful: [(index: Int, isDate: Bool)] = []

  /// - Throws: If there are no names, or numbers in their place.
  init(_ records: inout TableRecordReader) throws(WeftError) {
    if PathParts.ending(of: records.bytes.path).lowercased() == "arff" {
      try self.init(weka: &records)
    } else {
      try self.init(text: &records)
    }
  }

  /// The first line, after remarks.
  private init(text records: inout TableRecordReader) throws(WeftError) {
    let (path, format) = (records.bytes.path, records.format)
    var start = try records.skipByteOrderMark()
    var lines: [(text: String, line: Int)] = []
    var first: TableRecordReader.Record?
    while first == nil {
      if start.isEmpty { try records.skipLines() }
      if start.isEmpty, try records.bytes.peek() == UInt8(ascii: "#") {
        let line = records.line
        if let text = try records.rawLine() { lines.append((text, line)) }
        if lines.count > 2 { lines.removeFirst() }
        remarks += 1
        continue
      }
      guard let record = try records.next(after: start) else { break }
      start = []
      if record.fields.count == 1, MissingValues.trimmed(record.fields[0]).isEmpty { continue }
      if let separator = Self.separator(record, records.separator) {
        if format.separator == nil { records.separator = separator }
        continue
      }
      first = record
    }
    guard format.hasHeader else {
      guard let first else { throw .data("\(path): contains no rows") }
      names = first.fields.indices.map { "\($0 + 1)" }
      (line, rows) = (0, [first])
      endsWithSemicolon =
        records.separator != UInt8(ascii: ";") && first.fields.count > 1
        && first.fields.last?.utf8.last == UInt8(ascii: ";")
      return
    }
    // A remark above numbers names the columns, as numpy.savetxt writes it.
    if let last = lines.last,
      first.map({ Self.hasValues($0.fields, format) || Self.hasMarks($0.fields, format) }) ?? true
    {
      var found = Self.names(in: last.text, separator: records.separator)
      if found.count == first?.fields.count ?? found.count, found != [""], found.count > 1 || remarks == 1 {
        line = last.line
        // Units below the names, as the NOAA writes them for buoys, repeat.
        if Set(found).count < found.count, let before = lines.dropLast().last {
          let others = Self.names(in: before.text, separator: records.separator)
          if others.count == found.count, Set(others).count == others.count {
            (found, line) = (others, before.line)
            notes.append("read line \(line) as the names of columns, and line \(last.line) as their units")
            remarks -= 1
          }
        }
        (names, rows) = (found, first.map { [$0] } ?? [])
        remarks -= 1
        return
      }
    }
    guard let first else { throw .data("\(path): is empty; the first line must name the columns") }
    (names, line) = (Array(first.fields), first.line)
    try readOn(&records)
    guard hasLevels || !Self.isRow(Array(first.fields), format) || hasNumbersAsNames(format) else {
      let shown = first.fields.prefix(3).joined(separator: ", ") + (first.fields.count > 3 ? ", …" : "")
      throw .data(
        "\(path): line \(first.line): contains values (\(shown)) where names of columns are expected; use --no-header,"
          + " which names them 1, 2, 3 …, or put a line of names first\(levelAdvice(path))\(Self.archiveAdvice(path))"
      )
    }
    if let last = lines.last, names.count == Self.names(in: last.text, separator: records.separator).count,
      names.count > 1 || remarks == 1
    {
      remarkLine = last.line
      doubtful = names.indices.map { ($0, false) }
      return
    }
    guard Self.hasValues(names, format), !hasNumbersAsNames(format) else { return }
    for (index, name) in names.enumerated() where format.number(MissingValues.trimmed(name)) == nil {
      if !MissingValues.isMissing(name) { doubtful.append((index, Timestamp.value(name) != nil)) }
    }
  }

  /// The names of the attributes of Weka, whose lines end with `@data`.
  private init(weka records: inout TableRecordReader) throws(WeftError) {
    (names, line) = ([], 0)
    while let text = try records.rawLine() {
      let words = MissingValues.trimmed(text).split(maxSplits: 1, whereSeparator: \.isWhitespace)
      switch words.first?.lowercased() {
      case "@attribute" where words.count > 1:
        let rest = MissingValues.trimmed(String(words[1]))
        if let quote = rest.first, quote == "'" || quote == "\"",
          let end = rest.dropFirst().firstIndex(of: quote)
        {
          names.append(String(rest[rest.index(after: rest.startIndex)..<end]))
        } else {
          names.append(String(rest.prefix { !$0.isWhitespace && $0 != "{" }))
        }
        if rest.lowercased().hasSuffix(" relational") {
          throw .data(
            "\(records.bytes.path): line \(records.line - 1): '\(names.last ?? "")' holds a series; weft data ts reads such files"
          )
        }
      case "@data":
        guard !names.isEmpty else { break }
        line = records.line - 1
        return
      default: break
      }
    }
    throw .data("\(records.bytes.path): has no line @data after lines of @attribute; is this a file of Weka?")
  }

  /// Reads the records after the names that are no rows: the types of columns in files of the USGS, and further names of
  /// columns with several levels.
  private mutating func readOn(_ records: inout TableRecordReader) throws(WeftError) {
    let mayHaveLevels = ColumnLevels.mayBegin(names)
    let endsEmpty = names.count > 1 && MissingValues.trimmed(names[names.count - 1]).isEmpty
    guard mayHaveLevels || endsEmpty || records.separator == UInt8(ascii: "\t") else { return }
    while rows.count < (mayHaveLevels ? 4 : 1), let record = try records.next() { rows.append(record) }
    if let types = rows.first, types.fields.count == names.count, names.count > 1,
      types.fields.allSatisfy({ $0.wholeMatch(of: /\d+[sdn]/) != nil })
    {
      rows.removeFirst()
      notes.append("left out line \(types.line), the types of columns")
    }
    if endsEmpty, rows.first?.fields.count == names.count - 1 {
      names.removeLast()
      notes.append("left out a separator at the end of line \(line), for which rows have no field")
    }
    guard mayHaveLevels,
      let found = ColumnLevels.names(names, rows.map { Array($0.fields) }, records.format)
    else { return }
    let last = rows[found.rows - 1].line
    names = found.names
    notes.append(
      "read lines \(line) to \(last) as the names of columns, \(names.prefix(4).filter { !$0.isEmpty }.joined(separator: ", "))"
        + (names.count > 4 ? ", …" : ""))
    (line, hasLevels) = (last, true)
    rows.removeFirst(found.rows)
  }

  /// Whether names are whole numbers, such as those of sensors, after the empty one of the first column, whose rows begin
  /// with a time or with 0.
  private func hasNumbersAsNames(_ format: TableFormat) -> Bool {
    guard names.count > 1, names[0].isEmpty, Set(names).count == names.count,
      names.dropFirst().allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { (48...57).contains($0) } }),
      let begin = rows.first?.fields.first
    else { return false }
    return begin == "0" || Double(begin) == nil && Timestamp.value(begin) != nil
  }

  /// Numbers as names of several levels, which pandas writes without one for the index, are not told from rows.
  private func levelAdvice(_ path: String) -> String {
    guard names.count > 1, names[0].isEmpty, let second = rows.first?.fields, second.first?.isEmpty == true
    else { return "" }
    return
      "; if names have two levels, join them: frame = pandas.read_csv('\(PathParts.name(of: path))', header=[0, 1],"
      + " index_col=0), frame.columns = ['_'.join(column) for column in frame.columns] and frame.to_csv('joined.csv')"
  }

  /// Files of the UCR archive have a series in each row.
  private static func archiveAdvice(_ path: String) -> String {
    let stem = PathParts.stem(of: path).uppercased()
    return stem.hasSuffix("_TRAIN") || stem.hasSuffix("_TEST")
      ? "; files of the UCR archive, with a class and a series in each row, are for weft data ts" : ""
  }

  /// The column of a row that has the text of the names, or a date where they have one, beside numbers: then they are a
  /// row as well.
  func repeated(in fields: TableRow) -> Int? {
    doubtful.first {
      let field = MissingValues.trimmed(fields[$0.index])
      return !field.isEmpty && field == MissingValues.trimmed(names[$0.index])
        || $0.isDate && Double(field) == nil && Timestamp.value(field) != nil
    }?.index
  }

  /// The separator that a first line such as `sep=;` tells, which Excel writes; nil for other lines.
  private static func separator(_ record: TableRecordReader.Record, _ current: UInt8) -> UInt8? {
    guard record.line == 1, let field = record.fields.first, field.hasPrefix("sep=") else { return nil }
    if record.fields.elementsEqual(["sep=", ""]) { return current }
    guard record.fields.count == 1, field.utf8.count == 5, let last = field.utf8.last, last < 128 else {
      return nil
    }
    return last
  }

  private static func names(in remark: String, separator: UInt8) -> [String] {
    let text = MissingValues.trimmed(String(remark.drop { $0 == "#" }))
    let isBlank = separator == UInt8(ascii: " ")
    return text.utf8.split(omittingEmptySubsequences: isBlank) { $0 == separator || isBlank && $0 == 9 }
      .map { (String($0) ?? "").unquoted }
  }

  /// Whether one of the fields is a number or a date.
  private static func hasValues(_ fields: some Sequence<String>, _ format: TableFormat) -> Bool {
    fields.contains { format.number(MissingValues.trimmed($0)) != nil || Timestamp.value($0) != nil }
  }

  /// Whether one of the fields is a mark of a missing value, or an amount of money, which no name is.
  private static func hasMarks(_ fields: some Sequence<String>, _ format: TableFormat) -> Bool {
    fields.contains {
      let text = MissingValues.trimmed($0)
      return !text.isEmpty
        && (format.isMissing(text) || "$€£¥₹".contains(text.first ?? " ") && NumberLookalike.matches(text))
    }
  }

  /// Whether fields are numbers and dates rather than names. Names may be consecutive numbers, as those that pandas
  /// gives, or round ones such as decades.
  private static func isRow(_ fields: [String], _ format: TableFormat) -> Bool {
    let present = fields.map(MissingValues.trimmed).filter { !$0.isEmpty }
    let numbers = present.compactMap(format.number)
    guard !numbers.isEmpty, present.allSatisfy({ format.number($0) != nil || Timestamp.value($0) != nil })
    else { return false }
    guard numbers.count == present.count, numbers.allSatisfy({ $0 == $0.rounded() && abs($0) < 1e9 }) else {
      return true
    }
    if numbers.count == 1 { return numbers[0] != 0 }
    let step = numbers[1] - numbers[0]
    let isEven = zip(numbers, numbers.dropFirst()).allSatisfy { $1 - $0 == step }
    return !(isEven && (step == 1 || step > 1 && numbers.count > 2))
  }
}
