import Foundation
import WeftBase

/// Which steps of a series are anomalies.
///
/// The Numenta Anomaly Benchmark has, for all of its tables, one JSON object of windows by file, `{"nyc_taxi.csv": [["2014-10-30
/// 15:30:00", "2014-11-03 22:30:00"]]}`, and one of times.
struct AnomalyWindows {
  /// The first and the last time of each.
  let windows: [ClosedRange<Double>]
  /// Windows in which there was a row.
  private var seen: Set<Int> = []
  private(set) var markedRows = 0

  /// The windows that a JSON file has for a table.
  ///
  /// - Parameters:
  ///   - path: The JSON file.
  ///   - table: The table, by whose name an object is searched, with its folders where several have the name.
  ///   - reading: How times without an offset are read.
  /// - Throws: If the file has no windows of that table.
  init(_ path: String, of table: String, _ reading: TableTime) throws(WeftError) {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw .data("\(path): cannot be read; --anomalies is a column of the table, or a JSON file of windows")
    }
    let json: Any
    do { json = try JSONSerialization.jsonObject(with: data, options: .fragmentsAllowed) } catch {
      throw .data("\(path): is not JSON; --anomalies is a column of the table, or a JSON file of windows")
    }
    var found = json as? [Any]
    if let object = json as? [String: Any] {
      let own = Self.parts(URL(fileURLWithPath: table).path)
      var fitting = object.keys.filter { Self.parts($0).last == own.last }
      if fitting.count > 1 {
        fitting = fitting.filter { key in own.suffix(Self.parts(key).count) == Self.parts(key)[...] }
      }
      guard fitting.count == 1, let key = fitting.first else {
        let near = object.keys.sorted().prefix(3).map { "'\($0)'" }.joined(separator: ", ")
        throw .data(
          "\(path): has no windows by the name '\(PathParts.name(of: table))', but \(object.count) others"
            + (near.isEmpty ? "" : " (\(near), …)"))
      }
      found = object[key] as? [Any]
    }
    guard let found else {
      throw .data("\(path): is neither an object of windows by file nor a list of windows")
    }
    var plain = reading
    (plain.format, plain.unit, plain.step) = (nil, nil, nil)
    func time(_ value: Any) throws(WeftError) -> Double {
      let text = value as? String ?? (value as? NSNumber).map { "\($0)" } ?? "\(value)"
      // Windows are written as ISO 8601, or as the table writes its times.
      for reading in [plain, reading] {
        if case .at(let time) = reading.moment(text, after: nil) { return time }
      }
      throw .data("\(path): '\(text.prefix(40))' is not a time; use ISO 8601, or the format of the table")
    }
    var windows: [ClosedRange<Double>] = []
    for value in found {
      let ends = value as? [Any] ?? [value, value]
      guard ends.count == 2 else {
        throw .data("\(path): a window has \(ends.count) times; use its first and its last")
      }
      let (first, last) = (try time(ends[0]), try time(ends[1]))
      guard first <= last else {
        throw .data("\(path): the window that begins at \(ends[0]) ends before that, at \(ends[1])")
      }
      windows.append(first...last)
    }
    self.windows = windows
  }

  private static func parts(_ path: String) -> [Substring] { path.split(separator: "/") }

  /// Whether a time is in one of the windows.
  mutating func contains(_ time: Double) -> Bool {
    var isMarked = false
    for (index, window) in windows.enumerated() where window.contains(time) {
      isMarked = true
      seen.insert(index)
    }
    if isMarked { markedRows += 1 }
    return isMarked
  }

  /// What was marked.
  var notes: [String] {
    let left = windows.count - seen.count
    return [
      "anomalies: \(markedRows == 1 ? "1 row" : "\(markedRows) rows") in"
        + " \(windows.count == 1 ? "1 window" : "\(windows.count) windows")"
    ]
      + (left > 0
        ? [
          "\(left == 1 ? "a window has" : "\(left) windows have") no row; are times of the same zone and format?"
        ]
        : [])
  }
}

/// A column that tells anomalies.
struct AnomalyColumn {
  let name: String
  let index: Int
  private(set) var markedRows = 0

  /// Words for a step that is none, and that is one, in lower case.
  private static let (normal, anomalous): (Set<String>, Set<String>) = (
    ["normal", "no", "false", "n", "f", "ok", "benign"],
    ["anomaly", "anomalous", "abnormal", "attack", "yes", "true", "y", "t", "fault", "faulty"]
  )

  init(name: String, index: Int) { (self.name, self.index) = (name, index) }

  /// Whether a text tells an anomaly; nil if it tells neither.
  static func mark(of text: String, _ format: TableFormat) -> Bool? {
    let text = MissingValues.trimmed(text)
    if let number = format.number(text) { return number == 0 ? false : number == 1 ? true : nil }
    // The SWaT data have 'A ttack' as well.
    let word = text.lowercased().filter { !$0.isWhitespace }
    return anomalous.contains(word) ? true : normal.contains(word) ? false : nil
  }

  /// - Throws: If a field tells neither.
  mutating func isAnomaly(_ fields: TableRow, _ reader: TableReader) throws(WeftError) -> Bool {
    let text = MissingValues.trimmed(fields[index])
    guard let isMarked = Self.mark(of: text, reader.format) else {
      throw reader.failure(
        reader.format.number(text) == nil
          ? "'\(text)' does not tell whether the row is an anomaly; use 0 and 1, or 'Normal' and 'Attack'"
          : "'\(text)' is neither 0 nor 1, which --anomalies reads as normal and anomalous"
            + (text == "-1"
              ? "; where 1 is normal and -1 anomalous, as in WADI, write 0 and 1 with pandas: (frame[column] == -1).astype(int)"
              : ""),
        column: name)
    }
    if isMarked { markedRows += 1 }
    return isMarked
  }
}

/// Where the labels of steps come from.
enum AnomalyLabels {
  case windows(AnomalyWindows)
  case column(AnomalyColumn)

  /// - Throws: If a column has a value that tells nothing.
  mutating func label(_ fields: TableRow, time: Double?, _ reader: TableReader) throws(WeftError) -> Bool {
    switch self {
    case .windows(var windows):
      defer { self = .windows(windows) }
      return time.map { windows.contains($0) } ?? false
    case .column(var column):
      defer { self = .column(column) }
      return try column.isAnomaly(fields, reader)
    }
  }

  /// The label of a step in a gap of the table, which has no field.
  mutating func label(time: Double) -> Bool {
    guard case .windows(var windows) = self else { return false }
    defer { self = .windows(windows) }
    return windows.contains(time)
  }

  /// What was marked.
  var notes: [String] {
    switch self {
    case .windows(let windows): windows.notes
    case .column(let column):
      [
        "anomalies: \(column.markedRows == 1 ? "1 row" : "\(column.markedRows) rows"), by column '\(column.name)'"
      ]
    }
  }
}
