import Foundation
import WeftBase
import WeftTasks
import WeftTraining

/// Writes predictions as comma-separated values (RFC 4180), with names of columns in the first line.
final class CSVPredictionWriter: PredictionWriter {
  private let output: BufferedOutput
  private let flat: FlatPredictions
  private var hasHeader = false

  init(_ output: BufferedOutput, table: PredictionTable) {
    self.output = output
    flat = FlatPredictions(table)
  }

  func append(_ rows: PredictedRows) throws {
    try writeHeader()
    for row in flat.rows(rows) { try output.write(line(row.map(\.text))) }
  }

  func finish() throws {
    try writeHeader()
    try output.finish()
  }

  private func writeHeader() throws {
    if hasHeader { return }
    hasHeader = true
    try output.write(line(flat.header))
  }

  private func line(_ fields: [String]) -> String { SeparatedValues.line(fields) + "\n" }
}

/// Writes predictions as JSON objects, one a line. Missing numbers are null.
final class JSONPredictionWriter: PredictionWriter {
  private let output: BufferedOutput
  private let flat: FlatPredictions

  init(_ output: BufferedOutput, table: PredictionTable) {
    self.output = output
    flat = FlatPredictions(table)
  }

  func append(_ rows: PredictedRows) throws {
    for line in Self.lines(flat, rows) { try output.write(line + "\n") }
  }

  /// The rows as JSON objects.
  static func lines(_ flat: FlatPredictions, _ rows: PredictedRows) -> [String] {
    let names = flat.header.map { JSONString.quoted($0) }
    return flat.rows(rows).map { row in
      "{" + zip(names, row).map { "\($0):\(value($1))" }.joined(separator: ",") + "}"
    }
  }

  func finish() throws { try output.finish() }

  private static func value(_ cell: FlatPredictions.Cell) -> String {
    switch cell {
    case .text(let text): JSONString.quoted(text)
    case .number(let value, _) where !value.isFinite: "null"
    default: cell.text
    }
  }
}

extension StepPrediction {
  /// The prediction as a JSON object.
  package var jsonLine: String {
    JSONPredictionWriter.lines(FlatPredictions(table), rows).first ?? "{}"
  }
}
