import Foundation
import WeftBase
import WeftTasks

/// Writes the rows of predictions to a file as they come.
package protocol PredictionWriter: AnyObject {
  /// Appends rows.
  ///
  /// - Throws: If they cannot be written, for example on a full disk.
  func append(_ rows: PredictedRows) throws

  /// Completes the file and gives it its name; without it, nothing is left behind.
  ///
  /// - Throws: If the file cannot be written.
  func finish() throws
}

/// A format of prediction files.
package enum PredictionFormat: String, CaseIterable, Sendable {
  case hdf5 = "h5"
  case csv
  case numPy = "npy"
  case jsonLines = "jsonl"

  /// The format that a path's extension names.
  ///
  /// - Throws: A usage error for other extensions.
  package init(path: String) throws(WeftError) {
    let name = PathParts.ending(of: path).lowercased()
    switch name {
    case "hdf5": self = .hdf5
    default:
      guard let format = Self(rawValue: name) else {
        throw .usage(
          "--output \(path): the extension names the format; use "
            + Self.allCases.map { ".\($0.rawValue)" }.joined(separator: ", "))
      }
      self = format
    }
  }

  /// Creates a file of this format.
  ///
  /// - Parameter overwrites: Whether to replace an existing file, which is otherwise an error.
  /// - Throws: If the file exists, or cannot be created.
  package func makeWriter(
    _ path: String, table: PredictionTable, overwrites: Bool
  ) throws -> any PredictionWriter {
    guard overwrites || !OutputFile.exists(path) else {
      throw WeftError.data("\(path): file exists; name another output, or add --overwrite")
    }
    return switch self {
    case .hdf5: try HDF5PredictionWriter(path, table: table, overwrites: overwrites)
    case .csv:
      CSVPredictionWriter(try BufferedOutput(path, overwrites: overwrites), table: table)
    case .jsonLines:
      JSONPredictionWriter(try BufferedOutput(path, overwrites: overwrites), table: table)
    case .numPy: try NumPyPredictionWriter(path, table: table, overwrites: overwrites)
    }
  }
}

/// Text that is written to a file in large pieces.
final class BufferedOutput {
  private let output: OutputFile
  private let overwrites: Bool
  private var buffer: [UInt8] = []

  init(_ path: String, overwrites: Bool) throws(WeftError) {
    output = try OutputFile(path)
    self.overwrites = overwrites
  }

  func write(_ text: String) throws(WeftError) {
    buffer += text.utf8
    if buffer.count >= 1 << 20 { try flush() }
  }

  func finish() throws(WeftError) {
    try flush()
    try output.publish(replacing: overwrites)
  }

  private func flush() throws(WeftError) {
    try output.write(bytes: buffer)
    buffer.removeAll(keepingCapacity: true)
  }
}

extension OutputFile {
  /// Appends bytes.
  ///
  /// - Throws: If they cannot be written, for example on a full disk.
  func write(bytes: [UInt8]) throws(WeftError) {
    let result = bytes.withUnsafeBytes { bytes in
      Result { () throws(WeftError) in try write(bytes) }
    }
    try result.get()
  }
}
