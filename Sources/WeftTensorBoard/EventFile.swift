import Foundation
import SwiftProtobuf
import WeftBase

/// A run's event files for TensorBoard: `events.out.tfevents.…` in its folder.
///
/// When a run resumes or rolls back, later events are removed from existing files, and a new file is started. Its first
/// event makes TensorBoard drop the removed steps.
final class EventFile {
  private static let prefix = "events.out.tfevents."
  /// The last time that names can hold, in the year 2286.
  private static let lastMoment = 9_999_999_999

  private let folder: String
  private var file: UnsafeMutablePointer<FILE>

  /// Starts the events of a run, or continues those of a run resumed after `step`.
  ///
  /// - Throws: If a file cannot be written.
  init(folder: String, resumingAfter step: Int?) throws(WeftError) {
    self.folder = folder
    for path in Self.paths(in: folder) {
      if let step { try Self.cut(path, after: step) } else { unlink(path) }
    }
    file = try Self.create(in: folder)
    try begin(after: step)
  }

  deinit { fclose(file) }

  /// Appends an event, which may become visible only after `flush`.
  func append(_ event: TensorBoardEvent) throws(WeftError) {
    let data: [UInt8]
    do { data = try event.serializedBytes() } catch {
      throw .file("\(folder): an event cannot be encoded: \(error)")
    }
    let record = EventRecords.record(data)
    guard fwrite(record, 1, record.count, file) == record.count else {
      throw .system("\(folder): events cannot be written", errno)
    }
  }

  /// Writes buffered events.
  func flush() throws(WeftError) {
    guard fflush(file) == 0 else { throw .system("\(folder): events cannot be written", errno) }
  }

  /// Removes the events after a step.
  func truncate(to step: Int) throws(WeftError) {
    try flush()
    for path in Self.paths(in: folder) { try Self.cut(path, after: step) }
    let new = try Self.create(in: folder)
    fclose(file)
    file = new
    try begin(after: step)
  }

  private func begin(after step: Int?) throws(WeftError) {
    var version = TensorBoardEvent(step: 0)
    version.fileVersion = "brain.Event:2"
    try append(version)
    // TensorBoard takes the first start event for that of the run; at every other one it drops the later steps.
    var start = TensorBoardEvent(step: step.map { $0 + 1 } ?? 0)
    start.sessionLog.status = .start
    try append(start)
    try flush()
  }

  /// The event files of a folder, in the order in which TensorBoard reads them.
  static func paths(in folder: String) -> [String] {
    FolderListing.names(in: folder).filter { $0.hasPrefix(prefix) }.sorted().map { "\(folder)/\($0)" }
  }

  /// A new file, whose name sorts after the existing ones.
  private static func create(in folder: String) throws(WeftError) -> UnsafeMutablePointer<FILE> {
    let moments = paths(in: folder).compactMap { path in
      Int(path.dropFirst(folder.count + 1 + prefix.count).prefix(while: \.isNumber))
    }
    // Names with more digits are not of this program, and no later name would sort after them.
    let newest = moments.filter { $0 < lastMoment }.max() ?? 0
    let moment = max(Int(Date().timeIntervalSince1970), newest + 1)
    let digits = String(moment)
    let padding = String(repeating: "0", count: max(0, String(lastMoment).count - digits.count))
    let path = "\(folder)/\(prefix)\(padding)\(digits).weft.\(getpid())"
    // A symbolic link of that name is not followed.
    guard let file = fopen(path, "wx") else { throw .system("\(path): cannot be written", errno) }
    return file
  }

  /// Removes the events of later steps and a truncated last event; removes the file if no summaries remain.
  private static func cut(_ path: String, after step: Int) throws(WeftError) {
    // What is no file of the run, or far larger than any that a run writes, is left alone.
    guard let file = try? ContinuedFile(path), !file.hasOtherName,
      let bytes = try? file.contents(atMost: 1 << 32)
    else { return }
    var summaries = 0
    let end = EventRecords.scan(bytes) { data in
      guard let event = try? TensorBoardEvent(serializedBytes: Array(data)), event.step <= step else {
        return false
      }
      if case .summary = event.what { summaries += 1 }
      return true
    }
    if summaries == 0 {
      unlink(path)
    } else if end < bytes.count {
      try file.truncate(to: end)
    }
  }
}

extension TensorBoardEvent {
  /// An event with the current time.
  init(step: Int) {
    self.init()
    wallTime = Date().timeIntervalSince1970
    self.step = Int64(step)
  }
}
