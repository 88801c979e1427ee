import Foundation
import WeftBase
import WeftTasks

/// Writes the main column of predictions as a NumPy array: probabilities, values, medians, scores or states.
final class NumPyPredictionWriter: PredictionWriter {
  private let output: OutputFile
  private let overwrites: Bool
  private let column: Int
  private let description: PredictionTable.Column
  private var count = 0

  /// The head has room for any number of rows, which is known at the end.
  private static let headByteCount = 192

  init(_ path: String, table: PredictionTable, overwrites: Bool) throws(WeftError) {
    guard
      let column = table.columns.firstIndex(where: { $0.kind == .float || $0.kind == .double }),
      !table.columns.contains(where: { $0.kind == .text })
    else {
      throw .usage("--output \(path): NumPy files hold no text; use .csv, .jsonl or .h5")
    }
    self.column = column
    description = table.columns[column]
    self.overwrites = overwrites
    output = try OutputFile(path)
    try output.write(bytes: [UInt8](repeating: 0, count: Self.headByteCount))
  }

  func append(_ rows: PredictedRows) throws {
    guard case .numbers(let values) = rows.columns[column] else { return }
    count += rows.count
    if description.kind == .float {
      try values.map { Float($0).bitPattern.littleEndian }.withUnsafeBytes { try output.write($0) }
    } else {
      try values.map { $0.bitPattern.littleEndian }.withUnsafeBytes { try output.write($0) }
    }
  }

  func finish() throws {
    // Version 1.0 of the format: magic, version, length of the head, and a Python dictionary padded with spaces.
    let shape = ([count] + description.shape).map(String.init).joined(separator: ", ")
    let type = description.kind == .float ? "<f4" : "<f8"
    var head =
      "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(shape)\(description.shape.isEmpty ? "," : "")), }"
    head += String(repeating: " ", count: Self.headByteCount - 10 - head.utf8.count - 1) + "\n"
    let length = UInt16(head.utf8.count)
    let bytes: [UInt8] =
      ArrayHeader.signature + [1, 0, UInt8(length & 0xff), UInt8(length >> 8)] + Array(head.utf8)
    guard lseek(output.descriptor, 0, SEEK_SET) == 0 else {
      throw WeftError.system("\(output.path): cannot be written", errno)
    }
    try output.write(bytes: bytes)
    try output.publish(replacing: overwrites)
  }
}
