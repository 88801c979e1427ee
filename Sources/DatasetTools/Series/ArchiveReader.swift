import Foundation
import WeftBase

/// A series of an archive.
struct ArchiveSeries {
  /// Row-major `[steps, dimensions]`.
  let values: [Float]
  let steps: Int
  /// Index of its class.
  let classNumber: Int32?
  /// Its numeric target, if any.
  let number: Float?
  /// Number of missing values.
  let filled: Int
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
  private let format: ArchiveFormat
  private let classNumbers: [String: Int32]
  private let missing: MissingValues
  private let classColumn: Int?
  private(set) var dimensions: Int?

  /// - Parameters:
  ///   - classColumn: The column of the class in rows without a header, counted from 1; nil for the first.
  ///   - classes: The classes of all files, for formats that do not name them; nil for those of this file.
  /// - Throws: If the file cannot be opened, or its header is malformed.
  init(_ path: String, missing: MissingValues, classColumn: Int? = nil, classes: [String]? = nil)
    throws(WeftError)
  {
    format = ArchiveFormat(path)
    self.classColumn = classColumn
    let reader = try LineReader(path)
    var header = try ArchiveHeader(reader, format, classColumn: classColumn)
    // Classes without a header are found by reading all rows.
    self.reader = format == .rows ? try LineReader(path) : reader
    if let classes, format == .rows { header.classes = classes }
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

  /// A failure at the last line.
  func failure(_ message: String) -> WeftError { reader.failure(message) }

  /// The next series; nil after the last one.
  ///
  /// - Throws: If it is malformed or, unless handled, a value is missing.
  func next() throws(WeftError) -> ArchiveSeries? {
    var line: String?
    repeat {
      line = try reader.next()
    } while line.map { $0.allSatisfy(\.isWhitespace) || $0.hasPrefix("#") || $0.hasPrefix("%") } ?? false
    guard let line else { return nil }
    func attribute(_ field: Int?) -> String? {
      guard format == .tsf, let field else { return nil }
      return line.split(separator: ":", omittingEmptySubsequences: false).dropFirst(field).first.map {
        MissingValues.trimmed(String($0))
      }
    }
    let name = header.nameField.map { attribute($0) ?? "" }
    var fields = try fields(of: line)
    var classNumber: Int32?
    var number: Float?
    if header.hasTarget {
      let label = MissingValues.trimmed(String(fields.removeLast()))
      if header.hasNumber {
        guard let value = Float(label), value.isFinite else {
          throw reader.failure("its target '\(label)' is not a number")
        }
        number = value
      } else {
        guard let known = classNumbers[label] else {
          throw reader.failure("its class '\(label)' is not among those of @classLabel")
        }
        classNumber = known
      }
    }
    let dimensions = dimensions ?? fields.count
    guard fields.count == dimensions, dimensions > 0 else {
      throw reader.failure("has \(fields.count) dimensions, expected \(dimensions)")
    }
    self.dimensions = dimensions
    var columns: [[Float]] = []
    var filled = 0
    for (index, field) in fields.enumerated() {
      columns.append(try column(field, dimension: index, &filled))
    }
    let steps = columns[0].count
    if let other = columns.firstIndex(where: { $0.count != steps }) {
      throw reader.failure(
        "dimension \(other + 1) has \(columns[other].count) values, but dimension 1 has \(steps)")
    }
    var values = [Float](repeating: 0, count: steps * dimensions)
    for (index, column) in columns.enumerated() {
      for step in 0..<steps { values[step * dimensions + index] = column[step] }
    }
    var series = ArchiveSeries(
      values: values, steps: steps, classNumber: classNumber, number: number, filled: filled, name: name)
    if let start = attribute(header.startField) { series.times = try times(from: start, count: steps) }
    return series
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

  /// The dimensions of a series, followed by its target if it has one.
  private func fields(of line: String) throws(WeftError) -> [Substring] {
    switch format {
    case .ts: return line.split(separator: ":", omittingEmptySubsequences: false)
    case .tsf:
      let fields = line.split(separator: ":", omittingEmptySubsequences: false)
      guard fields.count > header.attributes else {
        throw reader.failure("has \(fields.count) fields, expected \(header.attributes) and the values")
      }
      return [fields[fields.count - 1]]
    case .rows:
      guard let (label, row) = ArchiveRow.divided(line, classColumn: classColumn) else {
        throw reader.failure("has no column \(classColumn ?? 1) of the class")
      }
      var values = row
      // Shorter series are padded.
      while let last = values.last, MissingValues.isMissing(MissingValues.trimmed(String(last))) {
        values.removeLast()
      }
      return [Substring(values.joined(separator: ",")), Substring(ArchiveRow.className(label) ?? "")]
    case .arff:
      var values = line.split(separator: ",", omittingEmptySubsequences: false)
      guard line.first != "{" else { throw reader.failure("sparse rows are not supported") }
      var target: [Substring] = []
      if header.hasTarget, let last = values.popLast() {
        target = [Substring(String(last).unquoted)]
      }
      // Shorter series are padded.
      while let last = values.last, MissingValues.isMissing(MissingValues.trimmed(String(last))) {
        values.removeLast()
      }
      return [Substring(values.joined(separator: ","))] + target
    }
  }

  private func column(_ field: Substring, dimension: Int, _ filled: inout Int) throws(WeftError) -> [Float] {
    var values: [Float] = []
    var gaps: [Int] = []
    for text in field.split(separator: ",", omittingEmptySubsequences: false) {
      let text = MissingValues.trimmed(String(text))
      if MissingValues.isMissing(text) {
        gaps.append(values.count)
        values.append(0)
        continue
      }
      guard let value = Float(text), value.isFinite else {
        throw reader.failure(
          "value \(values.count + 1) of dimension \(dimension + 1), '\(text)', is not a number")
      }
      values.append(value)
    }
    guard let first = gaps.first else { return values }
    let place = "value \(first + 1) of dimension \(dimension + 1) is missing"
    guard gaps.count < values.count else { throw reader.failure("dimension \(dimension + 1) has no values") }
    filled += gaps.count
    switch missing {
    case .error, .drop:
      throw reader.failure("\(place); handle missing values with --missing forward, mean or keep")
    case .keep: for gap in gaps { values[gap] = .nan }
    case .forward:
      guard first > 0 else { throw reader.failure("\(place), and there is no previous value") }
      for gap in gaps { values[gap] = values[gap - 1] }
    case .mean:
      let mean = values.reduce(0) { $0 + Double($1) } / Double(values.count - gaps.count)
      for gap in gaps { values[gap] = Float(mean) }
    }
    return values
  }
}
