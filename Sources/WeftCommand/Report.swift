import Foundation
import WeftBase

/// The report of a subcommand, as text and as JSON.
protocol Report: Encodable {
  /// The report as complete lines of text.
  var text: String { get }
}

extension Report {
  /// The report as one line of JSON, with members named in snake case.
  var json: String {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      encoder.keyEncodingStrategy = .convertToSnakeCase
      encoder.nonConformingFloatEncodingStrategy = .convertToString(
        positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
      return String(decoding: try encoder.encode(self), as: UTF8.self).escapingControlsInJSON + "\n"
    }
  }
}

/// Aligns rows of texts in columns, numbers to the right; the first row contains the headings.
///
/// Cells may come from files: they are made printable, and shortened.
func table(_ rows: [[String]]) -> [String] {
  let rows = rows.map { row in row.map { $0.printable().shortened(to: 200) } }
  let columns = rows.map(\.count).max() ?? 0
  let widths = (0..<columns).map { column in
    rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
  }
  return rows.map { row in
    zip(row, widths).map { String(repeating: " ", count: $1 - $0.count) + $0 }.joined(separator: "  ")
  }
}
