/// A part of a recording, and the channel that is read.
public struct AudioPiece: Sendable, Equatable, Hashable {
  /// Where it begins, in seconds from the start of the recording.
  public var start: Double
  /// Where it ends, in seconds; nil for the end of the recording.
  public var end: Double?
  /// The only channel that is read, from 0; nil for the mean of all. A recording of one channel has no other.
  public var channel: Int?

  /// Seconds by which a piece may end after its recording, as in Kaldi's `extract-segments`: times are often rounded.
  public static let overshoot = 0.5

  /// The piece from `start` to `end`.
  public init(start: Double = 0, end: Double? = nil, channel: Int? = nil) {
    self.start = start
    self.end = end
    self.channel = channel
  }
}
