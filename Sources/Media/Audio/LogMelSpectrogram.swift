import Foundation

/// Log-mel features [frames, bands], computed block by block.
///
/// Frame t covers the samples from t · hop to t · hop + window, without padding; an incomplete frame at the end is
/// dropped. Each frame is multiplied by a periodic Hann window, 0.5 − 0.5 cos(2πn / N), and the feature is the natural
/// logarithm of the maximum of the band's power and the floor. In `librosa`, this is `log(maximum(melspectrogram(…,
/// center=False, power=2), floor))` of audio that starts with (transform − window) / 2 zeros.
public final class LogMelSpectrogram {
  /// Parameters.
  public let settings: LogMelSettings
  /// Whether the last piece ended after its file, by no more than ``AudioPiece/overshoot``.
  public private(set) var isShortened = false
  private let filters: MelFilters
  private let transform: RealFourierTransform
  private let window: [Float]
  /// Samples at the start of the next frame, after pre-emphasis.
  private var pending: [Float] = []
  private var lastSample: Float = 0
  private var frame: [Float]
  private var power: [Float]

  /// - Throws: If the settings are out of range, or have more bands than the window can resolve.
  public init(_ settings: LogMelSettings) throws(MediaError) {
    try settings.validate()
    self.settings = settings
    let length = settings.transformLength
    filters = try MelFilters(settings, transformLength: length)
    transform = RealFourierTransform(length: length)
    window = (0..<settings.windowLength).map {
      Float(0.5 - 0.5 * cos(2 * Double.pi * Double($0) / Double(settings.windowLength)))
    }
    frame = [Float](repeating: 0, count: length)
    power = [Float](repeating: 0, count: length / 2 + 1)
  }

  /// Discards previous samples, to start another recording.
  public func reset() {
    pending.removeAll(keepingCapacity: true)
    lastSample = 0
  }

  /// The frames [count, bands] completed by these samples.
  public func append(_ samples: [Float]) -> [Float] {
    let emphasis = Float(settings.preEmphasis)
    pending.reserveCapacity(pending.count + samples.count)
    for sample in samples {
      pending.append(sample - emphasis * lastSample)
      lastSample = sample
    }
    var features: [Float] = []
    var start = 0
    while start + settings.windowLength <= pending.count {
      appendFrame(at: start, to: &features)
      start += settings.hopLength
    }
    pending.removeFirst(start)
    return features
  }

  private func appendFrame(at start: Int, to features: inout [Float]) {
    for index in window.indices { frame[index] = pending[start + index] * window[index] }
    transform.power(of: frame, in: &power)
    let floor = Float(settings.floor)
    filters.apply(to: power) { _, power in features.append(log(max(power, floor))) }
  }

  /// The features of a whole file, [frames, bands].
  ///
  /// - Parameters:
  ///   - path: An audio file; it is resampled to the rate of the settings.
  ///   - piece: What is read of it; nil for all, with the mean of its channels.
  ///   - speed: Speed factor; 1.1 makes it shorter and higher-pitched.
  ///   - longest: Maximum duration in seconds; bounds memory use.
  /// - Returns: Features in row-major order, the number of frames, and a description of conversions, if any.
  /// - Throws: If the file cannot be read, is silent, or is shorter than a frame or longer than `longest`.
  public func features(
    of path: String, piece: AudioPiece? = nil, speed: Double = 1, longest: Double = 600
  ) throws(MediaError) -> (values: [Float], frames: Int, note: String?) {
    let audio = try AudioReader(path, rate: settings.rate, speed: speed, piece: piece)
    isShortened = audio.isShortened
    reset()
    var values: [Float] = []
    while let samples = try audio.next() {
      guard Double(audio.sampleCount) <= longest * Double(settings.rate) else {
        throw MediaError(path, "is longer than \(longest) seconds; cut it, or increase --longest")
      }
      values += append(samples)
    }
    guard !values.isEmpty else {
      throw MediaError(
        path, "\(audio.sampleCount) samples are shorter than one window of \(settings.windowLength)")
    }
    return (values, values.count / settings.bands, audio.note)
  }
}
