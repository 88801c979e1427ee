import Foundation
import WeftBase

/// A file of JSON objects, one per line, each of which has its step.
final class LineLog {
  private let path: String
  private var file: UnsafeMutablePointer<FILE>
  private let stepOf: (Data) -> Int?

  /// Creates a new file, or continues that of a run resumed after `step`.
  ///
  /// Removes lines of later steps first, which the run will rewrite, so that the file equals that of an uninterrupted
  /// run. Lines that are no records, as a power failure leaves them, are removed, too.
  ///
  /// - Parameters:
  ///   - every: Steps between records, to notice missing ones.
  ///   - stepOf: The step of a line of JSON; nil if it is no record of this file.
  ///   - onNote: Called if records up to `step` are lost.
  init(
    path: String, resumingAfter step: Int?, every: Int = 1,
    stepOf: @escaping (Data) -> Int? = { LineLog.object($0)?["step"] as? Int },
    onNote: (String) -> Void = { _ in }
  ) throws(WeftError) {
    self.path = path
    self.stepOf = stepOf
    if let step, access(path, F_OK) == 0 {
      let kept = try Self.removeLines(after: step, path: path, stepOf: stepOf)
      if kept.hasLost(upTo: step - step % max(1, every)) {
        onNote(
          "\(path): some records up to step \(step) are damaged or missing; the run goes on without them")
      }
    } else {
      try TextFile.replace(path, with: "")
      if let step, step >= every { onNote("\(path): is missing; the run goes on with a new one") }
    }
    file = try Self.open(path)
  }

  private static func open(_ path: String) throws(WeftError) -> UnsafeMutablePointer<FILE> {
    guard let file = fopen(path, "a") else { throw .system("\(path): cannot be written", errno) }
    return file
  }

  deinit { fclose(file) }

  /// Appends a complete line and flushes it.
  func append(_ line: String) throws(WeftError) {
    guard fputs(line, file) >= 0, fflush(file) == 0 else {
      throw .system("\(path): cannot be written", errno)
    }
  }

  /// Syncs the file to disk.
  func synchronize() throws(WeftError) { try DurableFile.synchronize(path) }

  /// Removes the lines of later steps.
  func truncate(to step: Int) throws(WeftError) {
    _ = try Self.removeLines(after: step, path: path, stepOf: stepOf)
    // The old handle may refer to a replaced file.
    let new = try Self.open(path)
    fclose(file)
    file = new
  }

  private static func removeLines(
    after step: Int, path: String, stepOf: (Data) -> Int?
  ) throws(WeftError) -> KeptLines {
    let bytes = try RegularFile.contents(of: path, atMost: 1 << 32)
    let kept = KeptLines(of: bytes, upTo: step, stepOf: stepOf)
    if kept.bytes.count != bytes.count {
      try TextFile.replace(path, with: String(decoding: kept.bytes, as: UTF8.self))
    }
    return kept
  }

  /// The JSON objects of a file, one per line. An incomplete last line, still being written, is ignored.
  ///
  /// - Parameter what: Name of a line's content, for errors.
  /// - Throws: If the file is missing or a line is invalid.
  static func objects(in path: String, of what: String) throws(WeftError) -> [[String: Any]] {
    let text = try TextFile.contents(of: path)
    var objects: [[String: Any]] = []
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().enumerated()
    {
      guard let object = object(Data(line.utf8)), BoundedInteger.json(object["step"]) != nil else {
        throw .failure("\(path):\(index + 1): not a record of \(what)")
      }
      objects.append(object)
    }
    return objects
  }

  /// The object of a line; nil if it is not one.
  static func object(_ line: Data) -> [String: Any]? {
    (try? JSONSerialization.jsonObject(with: line)) as? [String: Any]
  }
}
