import WeftBase

/// An audio file as one channel at a chosen sampling rate, read block by block.
///
/// Keeps one block in memory, independent of the length of the file.
public final class AudioReader {
  /// Sampling rate of the result in Hz.
  public let rate: Int
  /// Description of the conversions, for the user; nil if there were none.
  public let note: String?
  /// Peak amplitude so far, relative to full scale.
  public private(set) var peak: Float = 0
  /// Samples returned so far.
  public private(set) var sampleCount = 0

  /// Whether the piece ended after the file, by no more than ``AudioPiece/overshoot``.
  public var isShortened: Bool { file.isShortened }

  private let file: AudioFile
  private let resampler: Resampler?
  private var isAtEnd = false

  /// Files with a peak amplitude below this (−80 dB) are silent.
  public static let silence: Float = 1e-4

  /// - Parameters:
  ///   - path: A WAV, FLAC or Ogg file, or another format of libsndfile.
  ///   - rate: Sampling rate of the result; other rates are resampled.
  ///   - speed: Speed factor, above 0.
  ///   - piece: What is read of it; nil for all, with the mean of its channels.
  /// - Throws: If the file cannot be opened, its rate is too far from `rate`, or it ends before the piece.
  public init(
    _ path: String, rate: Int, speed: Double = 1, piece: AudioPiece? = nil
  ) throws(MediaError) {
    precondition(rate > 0 && speed > 0, "a sampling rate and a speed are positive")
    file = try AudioFile(path, piece: piece)
    self.rate = rate
    // A higher speed is a higher sampling rate.
    let played = Int(limiting: (Double(file.rate) * speed).rounded())
    resampler = played == rate ? nil : try Resampler(from: played, to: rate, path: path)
    var changes: [String] = []
    if speed != 1 { changes.append("changed to \(speed) times its speed") }
    if file.rate != rate { changes.append("resampled from \(file.rate) to \(rate) Hz") }
    let channelCount = file.channelCount
    if channelCount > 1 {
      changes.append(
        piece?.channel.map { "channel \($0 + 1) of \(channelCount)" }
          ?? "averaged from \(channelCount) channels")
    }
    note = changes.isEmpty ? nil : "\(path): \(changes.joined(separator: ", "))"
  }

  /// The next samples, or nil at the end.
  ///
  /// - Throws: If the file is damaged; at the end, if it was empty or silent (``silence``).
  public func next() throws(MediaError) -> [Float]? {
    while !isAtEnd {
      let block = try file.next()
      isAtEnd = block == nil
      let samples = try resampler?.process(block ?? [], isLast: isAtEnd) ?? block ?? []
      for sample in samples { peak = max(peak, sample.magnitude) }
      sampleCount += samples.count
      if !samples.isEmpty { return samples }
    }
    guard sampleCount > 0 else { throw MediaError(file.path, "contains no samples") }
    guard peak >= Self.silence else {
      throw MediaError(file.path, "contains no sound: the peak amplitude is \(peak) of full scale")
    }
    return nil
  }
}
