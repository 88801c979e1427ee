import Foundation
import WeftBase

/// A file of JSON objects, one per line, each of which has its step.
final class LineLog {
  private static let maximumByteCount = 1 << 32

  private let path: String
  private var file: ContinuedFile
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
    if let step, OutputFile.exists(path) {
      let kept: KeptLines
      (file, kept) = try Self.removeLines(after: step, path: path, stepOf: stepOf)
      if kept.hasLost(upTo: step - step % max(1, every)) {
        onNote(
          "\(path): some records up to step \(step) are damaged or missing; the run goes on without them")
      }
    } else {
      try TextFile.replace(path, with: "")
      if let step, step >= every { onNote("\(path): is missing; the run goes on with a new one") }
      file = try ContinuedFile(path)
    }
  }

  /// Appends a complete line.
  func append(_ line: String) throws(WeftError) { try file.append(line) }

  /// Syncs the file to disk.
  func synchronize() throws(WeftError) { try file.synchronize() }

  /// Removes the lines of later steps.
  func truncate(to step: Int) throws(WeftError) {
    (file, _) = try Self.removeLines(after: step, path: path, stepOf: stepOf)
  }

  private static func removeLines(
    after step: Int, path: String, stepOf: (Data) -> Int?
  ) throws(WeftError) -> (ContinuedFile, KeptLines) {
    let file = try ContinuedFile(path)
    let bytes = try file.contents(atMost: maximumByteCount)
    let kept = KeptLines(of: bytes, upTo: step, stepOf: stepOf)
    if kept.bytes.count == bytes.count, !file.hasOtherName { return (file, kept) }
    try TextFile.replace(path, with: String(decoding: kept.bytes, as: UTF8.self))
    return (try ContinuedFile(path), kept)
  }

  /// The records of a file, one per line. What else it contains is left out.
  ///
  /// - Parameters:
  ///   - what: Name of a line's content, for errors and notes.
  ///   - onNote: Called if something is left out.
  ///   - record: The record in an object; nil if it is none.
  /// - Throws: If the file is missing, or has lines and none of them is a record.
  static func records<Record>(
    in path: String, of what: String, onNote: (String) -> Void, _ record: ([String: Any]) -> Record?
  ) throws(WeftError) -> [Record] {
    let bytes = try RegularFile.contents(of: path, atMost: maximumByteCount)
    var records: [Record] = []
    var damage = LogDamage()
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (index, line) in lines.dropLast().enumerated() {
      if let record = object(Data(line)).flatMap(record) {
        records.append(record)
      } else {
        damage.add(line: index + 1)
      }
    }
    damage.isIncomplete = lines.last?.isEmpty == false
    try damage.report(path, of: what, isAll: records.isEmpty, onNote: onNote)
    return records
  }

  /// The object of a line; nil if it is not one.
  static func object(_ line: Data) -> [String: Any]? {
    // Parsers differ in what they do with text that is not UTF-8.
    guard String(validating: line, as: UTF8.self) != nil else { return nil }
    return (try? JSONSerialization.jsonObject(with: line)) as? [String: Any]
  }
}
