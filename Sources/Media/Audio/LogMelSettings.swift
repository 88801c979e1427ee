/// Parameters of feature extraction, shared by a dataset and the models trained on it.
public struct LogMelSettings: Codable, Equatable, Sendable {
  /// Sampling rate in Hz, to which audio is resampled.
  public var rate = 16_000
  /// Window length in samples: 25 ms at 16 kHz.
  public var windowLength = 400
  /// Hop length in samples: 10 ms at 16 kHz.
  public var hopLength = 160
  /// Mel bands, the features per frame.
  public var bands = 40
  /// Mel scale of the filters.
  public var scale = MelScale.htk
  /// Lower frequency limit in Hz.
  public var lowFrequency = 0.0
  /// Upper frequency limit in Hz.
  public var highFrequency = 8_000.0
  /// Pre-emphasis coefficient a in y[t] = x[t] − a x[t − 1]; 0 for none.
  public var preEmphasis = 0.0
  /// Minimum power before the logarithm.
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
  ///   - rate: Sampling rate in Hz.
  ///   - bands: Mel bands.
  public init(rate: Int = 16_000, bands: Int = 40) {
    self.rate = rate
    self.bands = bands
    windowLength = max(rate / 40, 1)
    hopLength = max(rate / 100, 1)
    highFrequency = Double(rate) / 2
  }

  /// FFT length: the smallest power of two not below the window length.
  var transformLength: Int {
    var length = 2
    while length < windowLength { length *= 2 }
    return length
  }

  /// Validates the parameters.
  ///
  /// - Throws: If a parameter is out of range; the message names it and the range.
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
