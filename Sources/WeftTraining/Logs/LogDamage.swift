import Foundation
import WeftBase

/// What a log contains besides records: what a power failure or a full disk left there, until a resumed run removes it.
struct LogDamage: Sendable, Equatable {
  /// Number of the first line that is no record, from 1.
  private(set) var firstLine: Int?
  /// Number of such lines.
  private(set) var lineCount = 0
  /// Whether the file ends without a line break.
  var isIncomplete = false

  /// Counts a line that is no record.
  mutating func add(line number: Int) {
    firstLine = firstLine ?? number
    lineCount += 1
  }

  /// What is left out, in one line; nil for nothing.
  ///
  /// - Parameters:
  ///   - path: The log. An incomplete last line is damage unless a run is writing it.
  ///   - what: Name of a line's content.
  func note(_ path: String, of what: String) -> String? {
    let isTorn = isIncomplete && !RunLock.isHeld(folder: PathParts.folder(of: path))
    guard lineCount > 0 || isTorn else { return nil }
    let place = firstLine.map { ":\($0): not a record of \(what)" } ?? ": the last line is incomplete"
    let count = lineCount + (isTorn ? 1 : 0)
    return "\(path)\(place); \(count == 1 ? "the line is" : "\(count) damaged lines are") left out"
  }

  /// Passes the note on.
  ///
  /// - Parameter isAll: Whether the log has no records.
  /// - Throws: If it has lines all the same: it is something else.
  func report(_ path: String, of what: String, isAll: Bool, onNote: (String) -> Void) throws(WeftError) {
    if isAll, let firstLine { throw .model("\(path):\(firstLine): not a record of \(what)") }
    if let note = note(path, of: what) { onNote(note) }
  }
}
