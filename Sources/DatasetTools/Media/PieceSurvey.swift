import Media
import WeftBase

/// What the pieces of recordings tell of one another: those that are read twice, and those that overlap.
struct PieceSurvey {
  private var known: [Piece: (hash: UInt64, place: String)] = [:]
  private var bounds: [Piece: [(start: Double, end: Double)]] = [:]
  private var recordings: Set<String> = []
  private(set) var count = 0

  private struct Piece: Hashable {
    let recording: String
    var part: AudioPiece
  }

  /// Adds a piece with its text.
  ///
  /// - Returns: The place where the same piece has another text; nil if it has none.
  mutating func add(_ part: AudioPiece, of recording: String, _ text: String, at place: String) -> String? {
    let hash = ContentHash(text.utf8).value
    let piece = Piece(recording: recording, part: part)
    if let other = known[piece] { return other.hash == hash ? nil : other.place }
    known[piece] = (hash, place)
    let channel = Piece(recording: recording, part: AudioPiece(channel: part.channel))
    bounds[channel, default: []].append((part.start, part.end ?? .infinity))
    recordings.insert(recording)
    count += 1
    return nil
  }

  /// Pieces that begin before another of the same recording and channel has ended.
  private var overlapping: Int {
    bounds.values.reduce(0) { sum, pieces in
      var (latest, count) = (0.0, 0)
      for piece in pieces.sorted(by: { $0.start < $1.start }) {
        // Times are rounded to hundredths of seconds.
        if piece.start < latest - 0.011 { count += 1 }
        latest = max(latest, piece.end)
      }
      return sum + count
    }
  }

  /// How many there are, for the user; nil for none.
  var note: String? {
    if count == 0 { return nil }
    let overlapping = overlapping
    return "\(count) pieces of \(recordings.count) \(recordings.count == 1 ? "recording" : "recordings")"
      + (overlapping > 0 ? "; that begin before another has ended: \(overlapping)" : "")
  }
}
