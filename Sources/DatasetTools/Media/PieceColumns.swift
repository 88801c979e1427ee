import Media
import WeftBase

/// The columns of a table, or fields of objects, that tell which piece of a recording has a text.
public struct PieceColumns: Sendable, Equatable {
  /// Units of times.
  public enum Unit: String, Sendable, CaseIterable {
    case seconds = "s"
    case milliseconds = "ms"
  }

  /// The name of the column with the beginnings; empty to read whole recordings.
  public var start: String
  /// The name of the column with the ends; nil if another has the durations.
  public var end: String?
  /// The name of the column with the durations; nil if another has the ends.
  public var duration: String?
  /// What times are in.
  public var unit = Unit.seconds

  /// Pieces from `start` to `end`, or for `duration`.
  public init(start: String, end: String? = nil, duration: String? = nil) {
    self.start = start
    self.end = end
    self.duration = duration
  }

  /// The piece of some times.
  ///
  /// - Parameters:
  ///   - time: The number in a column.
  ///   - failure: The error for a number that cannot be.
  func piece(
    _ time: (String) throws(WeftError) -> Double, failure: (String) -> WeftError
  ) throws(WeftError) -> AudioPiece? {
    guard !start.isEmpty else { return nil }
    let scale = unit == .seconds ? 1 : 0.001
    let begin = try time(start) * scale
    guard begin >= 0, begin < 1e7 else {
      throw failure("begins at \(begin) s, which is no place in a recording")
    }
    let stop: Double
    if let end { stop = try time(end) * scale } else { stop = begin + (try time(duration ?? "")) * scale }
    guard stop > begin, stop < 1e7 else { throw failure("ends at \(stop) s, but begins at \(begin) s") }
    return AudioPiece(start: begin, end: stop)
  }
}
