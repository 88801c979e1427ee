import Foundation
import WeftBase

/// A series of an archive.
struct ArchiveSeries {
  /// Row-major `[steps, dimensions]`.
  let values: [Double]
  let steps: Int
  /// Index of its class.
  let classNumber: Int32?
  /// Its numeric target, if any.
  let number: Double?
  /// Number of missing values.
  let filled: Int
  /// Number of missing time stamps.
  var gaps = 0
  /// Its name; nil if the file names none.
  var name: String?
  /// The times of its steps; nil if the file tells none.
  var times: [Double]?
}

/// Reads the series of a `.ts` file of the UCR and UEA archives, one per line: values separated by commas, dimensions
/// separated by colons, and the class last. Source: Bagnall et al. 2018, The UEA multivariate time series
/// classification archive.
final class ArchiveReader {
  let header: ArchiveHeader
  private let reader: LineReader
  let format: ArchiveFormat
  private let classNumbers: [String: Int32]
  private let missing: MissingValues
  private let classColumn: Int?
  private(set) var dimensions: Int?
  /// The steps of series with time stamps; nil for those without.
  private let grid: ArchiveGrid?
  /// The line that was read last, for its attributes.
  private var text = ""

  /// - Parameters:
  ///   - classColumn: The column of the class in rows without a header, counted from 1; nil for the first.
  ///   - classes: The classes of all files, in the order of their numbers; nil for those of this file.
  /// - Throws: If the file cannot be opened, or its header is malformed.
  init(
    _ path: String, missing: MissingValues, classColumn: Int? = nil, classes: [String]? = nil,
    grid: ArchiveGrid? = nil
  )
    throws(WeftError)
  {
    self.grid = grid
    format = ArchiveFormat(path)
    self.classColumn = classColumn
    let reader = try LineReader(path)
    var header = try ArchiveHeader(reader, format, classColumn: classColumn)
    // Classes without a header are found by reading all rows.
    self.reader = format == .rows ? try LineReader(path) : reader
    if let classes, header.classes != nil { header.classes = classes }
    self.header = header
    dimensions = header.dimensions
    self.missing = missing
    var numbers: [String: Int32] = [:]
    for (number, name) in (header.classes ?? []).enumerated() { numbers[name] = Int32(number) }
    classNumbers = numbers
  }

  var path: String { reader.path }
  var byteCount: Int { reader.byteCount }
  var offset: Int { reader.offset }
  /// The number of the last line.
  var line: Int { reader.number }

  /// A failure at the last line.
  func failure(_ message: String) -> WeftError { reader.failure(message) }

  /// The next series; nil after the last one.
  ///
  /// - Throws: If it is malformed or, unless handled, a value is missing.
  func next() throws(WeftError) -> ArchiveSeries? {
    guard let record = try nextRecord() else { return nil }
    return try series(of: record)
  }

  /// The next line with a series; nil after the last one.
  ///
  /// - Throws: If it is malformed.
  func nextRecord() throws(WeftError) -> ArchiveRecord? {
    var line: String?
    repeat {
      line = try reader.next()
    } while line.map { $0.allSatisfy(\.isWhitespace) || $0.hasPrefix("#") || $0.hasPrefix("%") } ?? false
    guard let line else { return nil }
    text = line
    return try record(of: line)
  }

  /// A field before the values of the last line.
  private func attribute(_ field: Int?) -> String? {
    guard format == .tsf, let field else { return nil }
    return text[...].fields(between: UInt8(ascii: ":")).dropFirst(field).first.map {
      MissingValues.trimmed(String($0))
    }
  }

  /// The series of the last line.
  ///
  /// - Throws: If it is malformed or, unless handled, a value is missing.
  func series(of record: ArchiveRecord) throws(WeftError) -> ArchiveSeries {
    let (classNumber, number) = try target(record.target)
    let dimensions = dimensions ?? record.dimensions.count
    guard record.dimensions.count == dimensions, dimensions > 0 else {
      throw reader.failure("has \(record.dimensions.count) dimensions, expected \(dimensions)")
    }
    self.dimensions = dimensions
    var columns: [[Double?]] = []
    for (index, texts) in record.dimensions.enumerated() {
      columns.append(try numbers(texts, dimension: index))
    }
    var (times, gaps) = (nil as [Double]?, 0)
    if let grid, header.hasTimes {
      let placed = try grid.placed(columns, record.times, self)
      (columns, times, gaps) = (placed.values, placed.times, placed.gaps)
    }
    let steps = columns[0].count
    if let other = columns.firstIndex(where: { $0.count != steps }) {
      throw reader.failure(
        "dimension \(other + 1) has \(columns[other].count) values, but dimension 1 has \(steps)")
    }
    var values = [Double](repeating: 0, count: steps * dimensions)
    var filled = 0
    for (index, column) in columns.enumerated() {
      let column = try complete(column, dimension: index, &filled)
      for step in 0..<steps { values[step * dimensions + index] = column[step] }
    }
    var series = ArchiveSeries(
      values: values, steps: steps, classNumber: classNumber, number: number, filled: filled, gaps: gaps,
      name: header.nameField.map { attribute($0) ?? "" }, times: times)
    if let start = attribute(header.startField) {
      series.times = try self.times(from: start, count: steps)
    }
    return series
  }

  private func target(_ label: String?) throws(WeftError) -> (classNumber: Int32?, number: Double?) {
    guard header.hasTarget, let label else { return (nil, nil) }
    guard header.hasNumber else {
      guard let known = classNumbers[label] else {
        throw reader.failure("its class '\(label)' is not among those of @classLabel")
      }
      return (known, nil)
    }
    guard let value = Double(label), value.isFinite else {
      throw reader.failure("its target '\(label)' is not a number")
    }
    return (nil, value)
  }

  /// The times of a series that begins at a time such as `2011-01-01 00-00-00`; nil if their distance is unknown.
  private func times(from text: String, count: Int) throws(WeftError) -> [Double]? {
    guard let step = header.frequency?.step else { return nil }
    let parts = text.split(maxSplits: 1) { $0 == " " || $0 == "T" }
    let clock = parts.dropFirst().first.map { " " + $0.replacing("-", with: ":") } ?? ""
    guard let day = parts.first, let start = Timestamp.value(day + clock), Double(text) == nil else {
      throw reader.failure("its start_timestamp '\(text)' is not a time such as 2011-01-31 00-00-00")
    }
    return step.times(from: start, count: count)
  }

  /// The dimensions of a series, and its target if it has one.
  private func record(of line: String) throws(WeftError) -> ArchiveRecord {
    switch format {
    case .ts:
      guard header.hasTimes else { return ArchiveRecord(colons: line[...], hasTarget: header.hasTarget) }
      guard let record = ArchiveRecord(pairs: line, hasTarget: header.hasTarget) else {
        throw reader.failure(
          "is not a series with time stamps, such as (0,1.5),(1,2.5)\(header.hasTarget ? ":class" : "")")
      }
      return record
    case .tsf:
      let fields = line[...].fields(between: UInt8(ascii: ":"))
      guard fields.count == header.attributes + 1 else {
        throw reader.failure(
          "has \(fields.count) fields between colons, expected \(header.attributes) and the values; times of day are"
            + " written with hyphens, 2011-01-31 00-00-00")
      }
      return ArchiveRecord(colons: fields[fields.count - 1], hasTarget: false)
    case .rows:
      guard let (label, row) = ArchiveRow.divided(line, classColumn: classColumn) else {
        throw reader.failure("has no column \(classColumn ?? 1) of the class")
      }
      return ArchiveRecord(row: row, target: ArchiveRow.className(label) ?? "")
    case .arff:
      guard line.first != "{" else { throw reader.failure("sparse rows are not supported") }
      if let relation = header.relation {
        guard
          let record = ArchiveRecord(
            relation: line, hasTarget: header.hasTarget, hasSteps: relation.hasSteps)
        else {
          throw reader.failure(
            "does not begin with rows of '\(relation.name)' in quotation marks, with \\n between them,"
              + " followed by \(header.hasTarget ? "a comma and the class" : "nothing")")
        }
        // What is cut off would look like a shorter series.
        if let other = record.rowLengths.first(where: { $0 != header.fieldCount }) {
          throw reader.failure(
            "has a row of \(other) values in '\(relation.name)', whose attributes are \(header.fieldCount ?? 0); write ?"
              + " for missing ones")
        }
        return record
      }
      var values = line[...].fields(between: UInt8(ascii: ","))
      guard values.count == header.fieldCount else {
        throw reader.failure(
          "has \(values.count) values, but there are \(header.fieldCount ?? 0) attributes; write ? for missing ones"
        )
      }
      let target = header.hasTarget ? values.popLast().map { String($0).unquoted } : nil
      return ArchiveRecord(row: values, target: target)
    }
  }

  /// The numbers of a dimension; nil where one is missing.
  private func numbers(_ texts: [Substring], dimension: Int) throws(WeftError) -> [Double?] {
    var values: [Double?] = []
    values.reserveCapacity(texts.count)
    for text in texts {
      if let value = PlainNumber.value(text.utf8.span, decimal: UInt8(ascii: ".")) {
        values.append(value)
        continue
      }
      let text = MissingValues.trimmed(String(text))
      if MissingValues.isMissing(text) {
        values.append(nil)
        continue
      }
      guard let value = Double(text), value.isFinite else {
        throw reader.failure(
          "value \(values.count + 1) of dimension \(dimension + 1), '\(text)', is not a number")
      }
      values.append(value)
    }
    return values
  }

  /// The numbers of a dimension, of which missing ones are handled.
  private func complete(
    _ column: [Double?], dimension: Int, _ filled: inout Int
  ) throws(WeftError) -> [Double] {
    let present = column.compactMap(\.self)
    guard present.count < column.count, let first = column.firstIndex(where: { $0 == nil }) else {
      return present
    }
    guard !present.isEmpty else { throw reader.failure("dimension \(dimension + 1) has no values") }
    let place =
      grid == nil
      ? "value \(first + 1) of dimension \(dimension + 1) is missing"
      : "step \(first + 1) of dimension \(dimension + 1) has no value, by its time stamps"
    filled += column.count - present.count
    switch missing {
    case .error, .drop:
      throw reader.failure("\(place); handle missing values with --missing forward, mean or keep")
    case .keep: return column.map { $0 ?? .nan }
    case .forward:
      guard first > 0 else {
        throw reader.failure("\(place), and there is no previous value; use --missing mean or keep")
      }
      var last = 0.0
      return column.map { value in
        last = value ?? last
        return last
      }
    case .mean:
      let mean = present.reduce(0, +) / Double(present.count)
      return column.map { $0 ?? mean }
    }
  }
}
