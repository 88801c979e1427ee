import WeftBase

/// Reads the records of separated values (RFC 4180): quoted fields may contain separators, line breaks and doubled
/// quotation marks. Tab-separated fields seldom are quoted, so that there a quotation mark by itself is that character,
/// and no field spans lines.
///
/// Existing packages would load the complete file into memory.
struct TableRecordReader {
  /// A record.
  struct Record {
    var fields = TableRow()
    /// Its first line.
    var line: Int
    /// The byte of the file that it begins with.
    var offset = 0
    /// Whether one of its fields is quoted.
    var isQuoted = false
  }

  let bytes: ByteReader
  let format: TableFormat
  var separator: UInt8
  /// The line that the next record begins with.
  private(set) var line = 1
  /// Fields of the last plain record, as the next one probably has as many.
  private var usualCount = 0
  /// Number of lines that were left out, as the format says.
  private(set) var skipped = 0

  /// Maximum length of a field.
  private static let maximumField = 1 << 24
  /// Maximum number of fields of a record.
  private static let maximumFieldCount = 1 << 20
  /// Maximum length of a record.
  private static let maximumRecord = 1 << 28

  // Computed, as each access of a stored one checks that it has been computed.
  private static var tab: UInt8 { 9 }
  private static var space: UInt8 { 32 }
  private static var feed: UInt8 { 10 }
  private static var carriageReturn: UInt8 { 13 }

  /// - Throws: If the file cannot be read.
  init(_ path: String, _ format: TableFormat) throws(WeftError) {
    bytes = try ByteReader(path)
    var format = format
    // Weka quotes names with apostrophes.
    if format.quote == UInt8(ascii: "\""), PathParts.ending(of: path).lowercased() == "arff" {
      format.quote = UInt8(ascii: "'")
    }
    self.format = format
    separator = format.separator(of: path)
  }

  private func failure(_ message: String) -> WeftError { .data("\(bytes.path): line \(line): \(message)") }

  /// Skips a mark of the byte order.
  ///
  /// - Returns: What was read of it if it is none: the beginning of the first field.
  func skipByteOrderMark() throws(WeftError) -> [UInt8] {
    var start: [UInt8] = []
    for byte: UInt8 in [0xEF, 0xBB, 0xBF] {
      guard try bytes.peek() == byte else { return start }
      _ = try bytes.byte()
      start.append(byte)
    }
    return []
  }

  /// The next line, whatever it contains; nil at the end.
  mutating func rawLine() throws(WeftError) -> String? {
    guard try bytes.peek() != nil else { return nil }
    var content: [UInt8] = []
    while let byte = try bytes.byte(), byte != Self.feed {
      if byte == Self.carriageReturn {
        if try endsLine() { break }
        continue
      }
      content.append(byte)
      guard content.count <= Self.maximumRecord else { throw failure("is longer than 256 MiB") }
    }
    let text = try text(content)
    line += 1
    return text
  }

  /// Continues with the record that begins at a byte and a line.
  ///
  /// - Parameter known: The bytes from there on, as far as they are known.
  mutating func seek(to offset: Int, line: Int, having known: ArraySlice<UInt8>) {
    bytes.seek(to: offset, having: known)
    self.line = line
  }

  /// Leaves out the lines that the format says, where a record may begin.
  mutating func skipLines() throws(WeftError) {
    if format.skippedLines.isEmpty { return }
    while format.skippedLines.contains(where: { $0.contains(line) }), try bytes.peek() != nil {
      while let byte = try bytes.byte(), byte != Self.feed {
        if byte == Self.carriageReturn, try endsLine() { break }
      }
      line += 1
      skipped += 1
    }
  }

  private func append(_ field: [UInt8], to record: inout Record) throws(WeftError) {
    // Nothing of ASCII alone needs to be validated.
    if line > 1, field.allSatisfy({ $0 < 128 }) {
      record.fields.append(field)
    } else {
      record.fields.append(try text(field).utf8)
    }
  }

  private func text(_ field: [UInt8]) throws(WeftError) -> String {
    guard let text = format.encoding.text(field) else {
      throw failure(format.encoding.failure(for: field, in: field + bytes.buffered.prefix(1 << 12)))
    }
    if line == 1, field.contains(0), OtherEncoding.isUTF16(field) {
      throw failure("is UTF-16 text; \(OtherEncoding.advice(for: field))")
    }
    return text
  }

  /// Whether a carriage return that was read ends a line by itself, as on old Macintoshes; others are followed by a line
  /// feed, also two of them.
  private func endsLine() throws(WeftError) -> Bool {
    guard let next = try bytes.peek() else { return false }
    return next != Self.feed && next != Self.carriageReturn
  }

  /// Whether a field ends before the next byte.
  private func isAtEnd() throws(WeftError) -> Bool {
    guard let byte = try bytes.peek() else { return true }
    return [separator, Self.feed, Self.carriageReturn].contains(byte)
  }

  /// The next record; nil after the last one.
  ///
  /// - Parameter start: The beginning of its first field, which was read already.
  /// - Throws: If its quotation marks are not as in RFC 4180, or it is not text of the encoding.
  mutating func next(after start: [UInt8] = []) throws(WeftError) -> Record? {
    if start.isEmpty { try skipLines() }
    guard try bytes.peek() != nil || !start.isEmpty else { return nil }
    if start.isEmpty, let record = plainRecord() { return record }
    let isTabbed = separator == Self.tab
    let begin = bytes.offset
    var record = Record(line: line, offset: begin - start.count)
    var (field, end) = (start, line)
    var (isQuoted, wasQuoted) = (false, false)
    while true {
      let byte = try bytes.byte()
      if isQuoted {
        guard let byte else { throw failure("unterminated quoted field\(Self.advice)") }
        if byte == Self.feed {
          guard !isTabbed else {
            throw failure("a field that begins with a quotation mark does not end on this line\(Self.advice)")
          }
          end += 1
        }
        if byte != format.quote {
          field.append(byte)
        } else if try bytes.peek() == byte {
          field.append(byte)
          _ = try bytes.byte()
        } else {
          (isQuoted, wasQuoted) = (false, true)
        }
        guard field.count <= Self.maximumField else {
          throw failure("a field exceeds 16 MiB; is a quotation mark missing?")
        }
        continue
      }
      switch byte {
      case let byte? where separator == Self.space && (byte == Self.space || byte == Self.tab):
        // A run of blanks is one separator, at the ends of a line none.
        while let next = try bytes.peek(), next == Self.space || next == Self.tab { _ = try bytes.byte() }
        let isFirst = record.fields.isEmpty && field.isEmpty && !wasQuoted
        let isLast = try isAtEnd()
        if !isFirst, !isLast { fallthrough }
      case separator:
        try append(field, to: &record)
        guard record.fields.count <= Self.maximumFieldCount, bytes.offset - begin <= Self.maximumRecord else {
          throw failure(
            "a record exceeds \(Self.maximumFieldCount) fields or \(Self.maximumRecord >> 20) MiB")
        }
        field.removeAll(keepingCapacity: true)
        wasQuoted = false
      case Self.carriageReturn where try endsLine(): fallthrough
      case Self.feed, nil:
        while field.last == Self.carriageReturn { field.removeLast() }
        try append(field, to: &record)
        line = end + 1
        return record
      case let byte?:
        if byte == format.quote, field.isEmpty, !wasQuoted {
          let isAlone = isTabbed ? try isAtEnd() : false
          if isAlone {
            field.append(byte)
          } else {
            (isQuoted, record.isQuoted) = (true, true)
          }
          continue
        }
        guard !wasQuoted || byte == Self.carriageReturn else {
          let mayBegin = try bytes.peek() == format.quote && " ,:^~".utf8.contains(byte)
          if line == 1, format.separator == nil, ";\t|".utf8.contains(byte) || mayBegin {
            let other = byte == Self.tab ? "tab" : String(Character(UnicodeScalar(byte)))
            throw failure("is separated by '\(other)'; use --separator '\(other)'")
          }
          throw failure(
            "text after a closing quotation mark; double quotation marks within a field, or take them as they are with"
              + " --quote none")
        }
        field.append(byte)
        if !wasQuoted {
          // Beside spaces, tabs separate as well.
          let other = separator == Self.space ? Self.tab : separator
          bytes.takeRun(before: separator, other, Self.feed, Self.carriageReturn, into: &field)
        }
        guard field.count <= Self.maximumField else { throw failure("a field is longer than 16 MiB") }
      }
    }
  }

  /// The next record if it is a line of ASCII without quotation marks that is in the buffer as a whole, as most are; nil for
  /// others, of which nothing is consumed.
  private mutating func plainRecord() -> Record? {
    guard line > 1, separator != Self.space else { return nil }
    let buffered = bytes.buffered
    let quote = format.quote ?? Self.feed
    var (index, ends) = (buffered.startIndex, [Int]())
    ends.reserveCapacity(usualCount)
    while index < buffered.endIndex, case let byte = buffered[index], byte != Self.feed {
      if byte == separator { ends.append(index - buffered.startIndex) }
      guard byte < 128, byte != quote else { return nil }
      if byte == Self.carriageReturn {
        guard index + 1 < buffered.endIndex, buffered[index + 1] == Self.feed else { return nil }
        break
      }
      index += 1
    }
    let next = index < buffered.endIndex && buffered[index] == Self.carriageReturn ? index + 2 : index + 1
    guard next <= buffered.endIndex else { return nil }
    ends.append(index - buffered.startIndex)
    usualCount = ends.count
    let record = Record(
      fields: TableRow(buffered[..<index], ends: ends), line: line, offset: bytes.offset)
    bytes.consume(next - buffered.startIndex)
    line += 1
    return record
  }

  /// What to do about quotation marks that are none.
  private static let advice = "; --quote none takes quotation marks as they are"
}
