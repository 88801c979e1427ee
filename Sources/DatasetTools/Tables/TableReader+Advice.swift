import WeftBase

extension TableReader {
  /// Names in which `*` stands for any text, as the columns that they are.
  ///
  /// - Parameter others: Columns that are for something else.
  /// - Throws: If there are none.
  func expanded(_ patterns: [String], except others: Set<String>) throws(WeftError) -> [String] {
    var (found, known): ([String], Set<String>) = ([], [])
    for pattern in patterns {
      guard pattern.contains("*"), !names.contains(pattern) else {
        found.append(pattern)
        known.insert(pattern)
        continue
      }
      let own = names.filter {
        !$0.isEmpty && !others.contains($0) && !others.contains(MissingValues.trimmed($0))
          && Self.matches($0[...], pattern[...])
      }
      guard !own.isEmpty else {
        throw .usage("--inputs: no other column is like '\(pattern)' in \(path)\(advice(for: pattern))")
      }
      found += own.filter { known.insert($0).inserted }
    }
    return found
  }

  private static func matches(_ name: Substring, _ pattern: Substring) -> Bool {
    let parts = pattern.split(separator: "*", omittingEmptySubsequences: false)
    guard parts.count > 1, let first = parts.first, let last = parts.last, name.hasPrefix(first) else {
      return name == pattern
    }
    var rest = name.dropFirst(first.count)
    for part in parts.dropFirst().dropLast() where !part.isEmpty {
      guard let place = rest.firstRange(of: part) else { return false }
      rest = rest[place.upperBound...]
    }
    return rest.hasSuffix(last)
  }

  /// Columns without those to leave out, whose names may contain `*`.
  ///
  /// - Throws: If one of these is none of the table, or no column is left.
  func removing(_ patterns: [String], from columns: [String]) throws(WeftError) -> [String] {
    var left = columns
    for pattern in patterns {
      func matches(_ name: String) -> Bool {
        name == pattern || Self.matches(MissingValues.trimmed(name)[...], MissingValues.trimmed(pattern)[...])
      }
      guard names.contains(where: matches) else {
        throw .usage("--skip: no column '\(pattern)' in \(path)\(advice(for: pattern))")
      }
      left.removeAll(where: matches)
    }
    guard !left.isEmpty || columns.isEmpty else { throw .usage("--skip: leaves no column of --inputs") }
    return left
  }

  /// The index of a column that an option names.
  ///
  /// - Throws: If there is none, with those that there are, or there are several.
  func index(of name: String, option: String) throws(WeftError) -> Int {
    guard let index = try index(of: name) else {
      throw .usage("--\(option): no column '\(name)' in \(path)\(advice(for: name))")
    }
    return index
  }

  /// The indices of columns that an option names, separated by commas, which a column's own name may contain as well.
  ///
  /// - Throws: As `index(of:option:)`.
  func indices(of name: String, option: String) throws(WeftError) -> [Int] {
    let own =
      names.contains(name)
      ? [name] : name.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    var indices: [Int] = []
    for name in own { indices.append(try index(of: name, option: option)) }
    return indices
  }

  /// What the user may have meant by a column that does not exist, and what columns there are.
  func advice(for name: String) -> String {
    // Columns without names have numbers.
    if let place = place(of: name) {
      let lines = place.line == 2 ? "1" : "1-\(place.line - 1)"
      return "; line \(place.line) names it: leave out what is before it with --skip-lines \(lines)"
        + (place.separator.map { " and --separator '\($0)'" } ?? "")
    }
    let isNumber = Int(name) != nil && format.hasHeader
    let advice = isNumber ? "; --no-header names the columns 1, 2, 3 …" : ""
    // Without names, the first row tells what may separate its columns.
    let text = format.hasHeader ? names[0] : firstField ?? ""
    if columnCount == 1, let other = Self.separators.first(where: text.contains) {
      return advice + "; \(question(other, text))"
    }
    let shown =
      names.prefix(20).map { "'\($0.abridged)'" }.joined(separator: ", ")
      + (names.count > 20 ? " and \(names.count - 20) more" : "")
    guard !isNumber, let near = name.nearest(among: names) else {
      return advice + "; its columns are \(shown)"
    }
    return "; did you mean '\(near)'? Its columns are \(shown)"
  }

  /// Characters that may separate columns.
  private static let separators = [";", "\t", "|", ",", " "]

  /// - Parameter text: What the first line consists of.
  private func question(_ separator: String, _ text: String) -> String {
    "its first line is one \(format.hasHeader ? "name" : "field"), '\(text.abridged)'; is it separated by"
      + " '\(separator == "\t" ? "tab" : separator)' (--separator)?"
  }

  /// - Parameter unnamed: Columns without a name.
  /// - Throws: If the first column alone has one, as in a title that spreadsheets write above the names.
  func checkTitle(unnamed: [Int]) throws(WeftError) {
    guard columnCount > 1, unnamed == Array(1..<columnCount) else { return }
    var format = format
    format.separator = separator
    var lines = headerLine...headerLine
    if var records = try? TableRecordReader(path, format) {
      for _ in 0..<100 {
        guard let record = try? records.next() else { break }
        guard record.line > headerLine, record.fields.count == columnCount,
          record.fields.allSatisfy({ field in
            let text = MissingValues.trimmed(field)
            return !text.isEmpty && format.number(text) == nil
          })
        else { continue }
        lines = headerLine...record.line - 1
        break
      }
    }
    let shown = lines.upperBound == 1 ? "1" : "1-\(lines.upperBound)"
    throw .data(
      "\(path): line \(headerLine) names the first of \(columnCount) columns alone, '\(names[0].abridged)'; if it is a title,"
        + " leave out what is above the names with --skip-lines \(shown), otherwise write names for the others into the line"
    )
  }

  /// Whether a table that is read as one column has several, by its names and the text of a row; nil if not.
  func separatorQuestion(_ text: String) -> String? {
    guard columnCount == 1 else { return nil }
    if !format.hasHeader {
      guard text.areSeveralNumbers else { return nil }
      return question(text.contains("\t") ? "\t" : " ", text)
    }
    let other = Self.separators.first {
      let count = names[0].split(separator: $0).count
      if count > 1, text.split(separator: $0).count == count { return true }
      let (inNames, inText) = (names[0].unquotedCount(of: $0), text.unquotedCount(of: $0))
      // Rows of R begin with a name more; texts, too, have blanks and commas.
      let isTelling = inNames > 0 && $0 != "," && ($0 != " " || inNames > 1)
      return inNames > 0 && inText == inNames || isTelling && inText == inNames + 1
    }
    return (other ?? (text.contains("\t") ? "\t" : nil)).map { question($0, names[0]) }
  }

  /// The line after that of the names, among the first ones, which has a name, with the separator if it is another; nil if
  /// none has.
  private func place(of name: String) -> (line: Int, separator: String?)? {
    guard format.hasHeader, name != "*" else { return nil }
    let isPattern = name.contains("*")
    for other in [separator] + [UInt8(ascii: ";"), 9, UInt8(ascii: ",")].filter({ $0 != separator }) {
      var format = format
      (format.separator, format.quote) = (other, UInt8(ascii: "\""))
      guard var records = try? TableRecordReader(path, format) else { return nil }
      for _ in 0..<100 {
        guard let record = try? records.next() else { break }
        guard record.line > headerLine, record.fields.count > 1,
          record.fields.contains(where: { Self.matches(MissingValues.trimmed($0)[...], name[...]) }),
          !isPattern || record.fields.allSatisfy({ Double(MissingValues.trimmed($0)) == nil }),
          // So is one that may be the number of a column.
          !(Int(name).map { (1...record.fields.count).contains($0) } ?? false),
          // A number in a row of numbers is a value.
          Double(name) == nil || Double(MissingValues.trimmed(record.fields[0])) == nil
        else { continue }
        return (record.line, other == separator ? nil : other == 9 ? "tab" : String(UnicodeScalar(other)))
      }
    }
    return nil
  }

  /// What to do about a record of another length than the names.
  func lengthAdvice(_ record: TableRecordReader.Record) -> String {
    if rows == 0, header.line > 0, record.fields.count == header.names.count + 1 {
      let mark = separator == 9 ? "\\t" : separator == 32 ? " " : String(UnicodeScalar(separator))
      return
        "; if rows begin with a name, as R writes them, name that column first, as awk 'NR == \(header.line) {printf"
        + " \"row\(mark)\"} 1' does"
    }
    if header.line == 1, (1...3).contains(rows), record.fields.count > 1,
      record.fields.allSatisfy({ format.number(MissingValues.trimmed($0)) == nil })
    {
      return
        "; if it names the columns, leave out what is above it with --skip-lines 1\(line == 2 ? "" : "-\(line - 1)")"
    }
    if header.line == 0, rows == 1, record.fields.count > 2 * header.names.count {
      return
        "; leave the first line out if it is no row, with --skip-lines \(line == 2 ? "1" : "1-\(line - 1)")"
    }
    if record.fields.count == 1,
      header.names.count > 2 || format.number(MissingValues.trimmed(record.fields[0])) == nil
    {
      return "; leave out what is no row with --skip-lines, such as --skip-lines \(line) or \(line)-"
        + (record.isQuoted ? ", or read quotation marks as characters with --quote none" : "")
    }
    // Nothing that a quotation mark has joined; notes and totals below the rows have no numbers.
    if header.line > 0, rows > 1, record.fields.count < header.names.count,
      record.fields.allSatisfy({
        !$0.utf8.contains(separator) && !$0.contains("\n") && format.number(MissingValues.trimmed($0)) == nil
      })
    {
      return "; leave out what is no row with --skip-lines, such as --skip-lines \(line) or \(line)-"
    }
    if record.isQuoted { return "; is a quotation mark a character (--quote none)?" }
    if rows == 0, header.line > 0, record.fields.count > 1, record.fields.count < header.names.count {
      let last = header.names.dropFirst(record.fields.count).prefix(3).map { "'\($0.abridged)'" }
      return
        "; if rows have no values of the last columns, \(last.joined(separator: ", ")), take these names off the line"
    }
    if separator == UInt8(ascii: " ") {
      return
        "; columns of a fixed width, in which texts have blanks or cells are empty, are made a table by pandas:"
        + " pandas.read_fwf('\(PathParts.name(of: path))', header=None).to_csv('table.csv', index=False)"
    }
    if record.fields.contains(where: { $0.dropLast().contains(";") }) {
      return "; if ';' ends rows, write each on a line of its own, as tr ';' '\\n' does"
    }
    if header.line == 0, record.fields.count > 2, header.names.count > 2, separator != 9 {
      let mark = Character(UnicodeScalar(separator))
      let name = PathParts.name(of: path).shellQuoted
      return
        "; rows of different lengths are filled up with empty fields by awk -F '\(mark)' -v OFS='\(mark)' 'NR == FNR {if (NF >"
        + " m) m = NF; next} {$m = $m} 1' \(name) \(name) > even.csv"
    }
    return ""
  }
}
