import WeftBase

/// A line of an archive, as it is written.
struct ArchiveRecord {
  /// The texts of the values of each dimension.
  var dimensions: [[Substring]]
  /// The texts of their times; empty if the file has none.
  var times: [[Substring]] = []
  /// The class or number of the series.
  var target: String?
  /// The number of values in each row of a relation, or in the row of the series, with missing ones; empty for others.
  private(set) var rowLengths: [Int] = []

  /// Dimensions between colons, with values between commas, and the target last.
  init(colons line: Substring, hasTarget: Bool) {
    var fields = line.fields(between: UInt8(ascii: ":"))
    if hasTarget { target = fields.popLast().map { MissingValues.trimmed(String($0)) } }
    dimensions = fields.map { $0.fields(between: UInt8(ascii: ",")) }
  }

  /// One dimension of some values, of which missing ones at the end are padding.
  init(row values: [Substring], target: String? = nil) {
    dimensions = [values]
    rowLengths = [values.count]
    self.target = target
    removePadding()
  }

  /// Pairs of a time and a value, `(2007-01-01 00:00:00,241.97),(2007-01-01 00:01:00,241.75):2`, whose times contain
  /// colons; nil if the line is no such.
  init?(pairs line: String, hasTarget: Bool) {
    (dimensions, times) = ([], [])
    var (values, stamps) = ([Substring](), [Substring]())
    var rest = line[...]
    func endDimension(_ record: inout Self) {
      record.dimensions.append(values)
      record.times.append(stamps)
      (values, stamps) = ([], [])
    }
    while true {
      rest = rest.drop(while: \.isWhitespace)
      if rest.first == "(" {
        guard let end = rest.firstIndex(of: ")") else { return nil }
        let pair = rest[rest.index(after: rest.startIndex)..<end]
        guard let comma = pair.lastIndex(of: ",") else { return nil }
        stamps.append(pair[..<comma])
        values.append(pair[pair.index(after: comma)...])
        rest = rest[rest.index(after: end)...].drop(while: \.isWhitespace)
        if rest.first == "," {
          rest = rest.dropFirst()
          continue
        }
      }
      // A dimension may be empty.
      guard rest.isEmpty || rest.first == ":" else { return nil }
      endDimension(&self)
      if rest.isEmpty {
        if hasTarget { return nil }
        return
      }
      rest = rest.dropFirst().drop(while: \.isWhitespace)
      if hasTarget, rest.first != "(", rest.first != ":" {
        target = MissingValues.trimmed(String(rest))
        return
      }
    }
  }

  /// A row of Weka whose first field is a relation: rows of numbers between `\n`, in quotation marks.
  ///
  /// - Parameter hasSteps: Whether a row is a step, rather than the steps of a dimension.
  init?(relation line: String, hasTarget: Bool, hasSteps: Bool) {
    let text = MissingValues.trimmed(line)
    guard let quote = text.first, quote == "'" || quote == "\"",
      let end = text.dropFirst().firstIndex(of: quote)
    else { return nil }
    let rows = text[text.index(after: text.startIndex)..<end].split(separator: "\\n").map {
      $0.fields(between: UInt8(ascii: ","))
    }
    guard let first = rows.first else { return nil }
    rowLengths = rows.map(\.count)
    if hasSteps {
      guard rows.allSatisfy({ $0.count == first.count }) else { return nil }
      dimensions = first.indices.map { column in rows.map { $0[column] } }
    } else {
      dimensions = rows
    }
    let rest = MissingValues.trimmed(String(text[text.index(after: end)...]))
    guard rest.isEmpty != hasTarget, rest.isEmpty || rest.first == "," else { return nil }
    if hasTarget { target = String(rest.dropFirst()).unquoted }
    removePadding()
  }

  /// Leaves out missing values at the end of all dimensions.
  private mutating func removePadding() {
    let lengths = dimensions.map { values in
      values.count
        - values.reversed().prefix { MissingValues.isMissing(MissingValues.trimmed(String($0))) }.count
    }
    guard let length = lengths.max() else { return }
    dimensions = dimensions.map { Array($0.prefix(length)) }
  }
}
