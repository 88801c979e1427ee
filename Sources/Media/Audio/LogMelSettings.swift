/// How sound becomes features: what a dataset was made with, and what a model trained on it must be given.
public struct LogMelSettings: Codable, Equatable, Sendable {
  /// Samples a second that the sound is brought to.
  public var rate = 16_000
  /// Samples of a frame: 25 ms at 16 kHz.
  public var windowLength = 400
  /// Samples from the start of a frame to that of the next: 10 ms at 16 kHz.
  public var hopLength = 160
  /// Features of a frame.
  public var bands = 40
  /// Where the filters stand.
  public var scale = MelScale.htk
  /// The lower end of the first filter, in Hz.
  public var lowFrequency = 0.0
  /// The upper end of the last filter, in Hz.
  public var highFrequency = 8_000.0
  /// a in y[t] = x[t] − a x[t − 1], which lifts high frequencies; 0 for none.
  public var preEmphasis = 0.0
  /// The least power that the logarithm is taken of.
  public var floor = 1e-10

  private enum CodingKeys: String, CodingKey {
    case rate
    case windowLength = "window_length"
    case hopLength = "hop_length"
    case bands, scale
    case lowFrequency = "low_frequency"
    case highFrequency = "high_frequency"
    case preEmphasis = "pre_emphasis"
    case floor
  }

  /// Frames of 25 ms, 10 ms apart, up to half the sampling rate.
  ///
  /// - Parameters:
  ///   - rate: Samples a second.
  ///   - bands: Features of a frame.
  public init(rate: Int = 16_000, bands: Int = 40) {
    self.rate = rate
    self.bands = bands
    windowLength = max(rate / 40, 1)
    hopLength = max(rate / 100, 1)
    highFrequency = Double(rate) / 2
  }

  /// Samples of the Fourier transform: the least power of two that holds a window.
  var transformLength: Int {
    var length = 2
    while length < windowLength { length *= 2 }
    return length
  }

  /// Checks that features can be computed so.
  ///
  /// - Throws: If a setting is out of its range, naming it and the range.
  public func validate() throws(MediaError) {
    func require(_ isRight: Bool, _ message: String) throws(MediaError) {
      if !isRight { throw MediaError(nil, message) }
    }
    try require((1_000...768_000).contains(rate), "sampling rate \(rate): must be between 1000 and 768000")
    try require(
      (1...1 << 16).contains(windowLength),
      "window length of \(windowLength) samples: must be between 1 and 65536")
    try require(
      (1...windowLength).contains(hopLength),
      "hop length of \(hopLength) samples: must be between 1 and the window length, \(windowLength)")
    try require((1...1024).contains(bands), "\(bands) mel bands: must be between 1 and 1024")
    try require(
      lowFrequency >= 0 && lowFrequency < highFrequency && highFrequency <= Double(rate) / 2,
      "bands from \(lowFrequency) to \(highFrequency) Hz: must ascend, between 0 and half the sampling rate,"
        + " \(rate / 2)"
    )
    try require(
      preEmphasis >= 0 && preEmphasis < 1,
      "pre-emphasis coefficient \(preEmphasis): must be at least 0 and below 1")
    try require(floor >= 1e-30 && floor <= 1, "minimum power \(floor): must be between 1e-30 and 1")
  }
}
