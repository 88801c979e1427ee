import Foundation
import TestSupport
import Testing

@testable import Media

@Suite("Log-mel features")
struct LogMelTests {
  private func settings(_ golden: Golden.LogMel) throws -> LogMelSettings {
    var settings = LogMelSettings(rate: golden.rate, bands: golden.bands)
    settings.windowLength = golden.window
    settings.hopLength = golden.hop
    settings.scale = try #require(MelScale(rawValue: golden.scale))
    settings.lowFrequency = golden.low
    settings.highFrequency = golden.high
    settings.preEmphasis = golden.emphasis
    settings.floor = golden.floor
    return settings
  }

  /// librosa computes in double precision, kissfft in single: bands with 1e-6 of a frame's power differ most.
  @Test("equal librosa's", arguments: Golden.values.logMel)
  func librosa(_ golden: Golden.LogMel) throws {
    let spectrogram = try LogMelSpectrogram(settings(golden))
    let (values, frames, note) = try spectrogram.features(of: fixture("voice.wav"))
    #expect(frames == golden.frames && note == nil)
    #expect(maximumDifference(values, golden.values) < 1e-3)
  }

  @Test("do not depend on block boundaries", arguments: [1, 7, 160, 401, 1000])
  func blocks(_ block: Int) throws {
    var settings = LogMelSettings()
    settings.preEmphasis = 0.97
    let spectrogram = try LogMelSpectrogram(settings)
    let samples = (0..<1920).map { Float(sin(Double($0) * 0.1 + Double($0 * $0) * 1e-5)) }
    let whole = spectrogram.append(samples)
    #expect(whole.count == (1 + (1920 - 400) / 160) * 40)
    spectrogram.reset()
    var parts: [Float] = []
    for start in stride(from: 0, to: samples.count, by: block) {
      parts += spectrogram.append(Array(samples[start..<min(start + block, samples.count)]))
    }
    #expect(parts == whole)
  }

  @Test("features of a second file do not depend on the first")
  func reset() throws {
    let spectrogram = try LogMelSpectrogram(LogMelSettings())
    let first = try spectrogram.features(of: fixture("voice.wav"))
    #expect(try spectrogram.features(of: fixture("voice.wav")).values == first.values)
  }

  @Test("audio that is too short or too long gives one line")
  func lengths() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(
      WaveFile.floats([Float](repeating: 0.5, count: 399), rate: 16_000), to: "short.wav")
    let spectrogram = try LogMelSpectrogram(LogMelSettings())
    #expect(throws: MediaError(path, "399 samples are shorter than one window of 400")) {
      _ = try spectrogram.features(of: path)
    }
    let voice = fixture("voice.wav")
    #expect(throws: MediaError(voice, "is longer than 0.1 seconds; cut it, or increase --longest")) {
      _ = try spectrogram.features(of: voice, longest: 0.1)
    }
  }

  @Test("settings out of range are named")
  func ranges() {
    func reason(_ change: (inout LogMelSettings) -> Void) -> String {
      var settings = LogMelSettings()
      change(&settings)
      let error = #expect(throws: MediaError.self) { _ = try LogMelSpectrogram(settings) }
      return error?.reason ?? ""
    }
    #expect(
      reason { $0.hopLength = 401 }
        == "hop length of 401 samples: must be between 1 and the window length, 400")
    #expect(reason { $0.highFrequency = 9000 }.contains("half the sampling rate, 8000"))
    #expect(reason { $0.bands = 200 }.contains("too many mel bands (200): band 1 contains no FFT frequency"))
    #expect(reason { $0.preEmphasis = .nan }.contains("pre-emphasis"))
  }
}
