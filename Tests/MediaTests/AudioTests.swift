import Foundation
import TestSupport
import Testing

@testable import Media

@Suite("Sound files")
struct AudioTests {
  private func samples(
    _ path: String, rate: Int, speed: Double = 1
  ) throws -> (samples: [Float], note: String?) {
    let reader = try AudioReader(path, rate: rate, speed: speed)
    var samples: [Float] = []
    while let block = try reader.next() { samples += block }
    return (samples, reader.note)
  }

  private func sine(_ frequency: Double, rate: Int, seconds: Double = 0.25) -> [Float] {
    (0..<Int(seconds * Double(rate))).map {
      Float(0.5 * sin(2 * Double.pi * frequency * Double($0) / Double(rate)))
    }
  }

  @Test("WAV and FLAC contain equal samples, Ogg nearly equal ones")
  func formats() throws {
    let wave = try samples(fixture("voice.wav"), rate: 16_000)
    let flac = try samples(fixture("voice.flac"), rate: 16_000)
    let ogg = try samples(fixture("voice.ogg"), rate: 16_000)
    #expect(wave.samples.count == 1920 && wave.note == nil)
    #expect(wave.samples == flac.samples)
    #expect(ogg.samples.count == 1920)
    let energy = wave.samples.map { $0 * $0 }.reduce(0, +)
    let error = zip(wave.samples, ogg.samples).map { ($0 - $1) * ($0 - $1) }.reduce(0, +)
    #expect(error < 0.05 * energy, "\(error / energy) of the energy is lost")
  }

  /// Band-limited interpolation preserves a sine, except at its ends, where it starts from silence.
  @Test(
    "a sine keeps its frequency, phase and height at another rate",
    arguments: [(44_100, 16_000), (8_000, 16_000), (48_000, 16_000), (11_025, 22_050)])
  func resampling(from: Int, to: Int) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(WaveFile.floats(sine(440, rate: from), rate: from), to: "sine.wav")
    let (result, note) = try samples(path, rate: to)
    let expected = sine(440, rate: to)
    #expect(abs(result.count - expected.count) <= 1)
    let inside = to / 20..<expected.count - to / 20
    #expect(maximumDifference(Array(result[inside]), Array(expected[inside])) < 2e-4)
    #expect(note == "\(path): resampled from \(from) to \(to) Hz")
  }

  @Test("played faster, a sine is higher and shorter", arguments: [0.9, 1.1, 2])
  func speed(_ speed: Double) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(WaveFile.floats(sine(440, rate: 8000), rate: 8000), to: "sine.wav")
    let (result, note) = try samples(path, rate: 16_000, speed: speed)
    let expected = sine(440 * speed, rate: 16_000, seconds: 0.25 / speed)
    #expect(abs(result.count - expected.count) <= 1)
    let inside = 800..<expected.count - 800
    #expect(maximumDifference(Array(result[inside]), Array(expected[inside])) < 2e-4)
    #expect(note == "\(path): changed to \(speed) times its speed, resampled from 8000 to 16000 Hz")
  }

  @Test("channels are averaged")
  func mixdown() throws {
    let folder = try TemporaryFolder()
    let interleaved = (0..<3000).flatMap { [Float($0) / 4000, Float(0.25), Float(-0.5)] }
    let path = try folder.write(WaveFile.floats(interleaved, rate: 8000, channels: 3), to: "three.wav")
    let (result, note) = try samples(path, rate: 8000)
    #expect(maximumDifference(result, (0..<3000).map { (Float($0) / 4000 - 0.25) / 3 }) < 1e-6)
    #expect(note == "\(path): averaged from 3 channels")
  }

  @Test("files longer than a block are complete")
  func blocks() throws {
    let folder = try TemporaryFolder()
    let expected = sine(100, rate: 8000, seconds: 20)
    let path = try folder.write(WaveFile.floats(expected, rate: 8000), to: "long.wav")
    #expect(try samples(path, rate: 8000).samples == expected)
  }

  /// libsndfile goes on after an error, with silence; of an MP3 file, it plays what is there.
  @Test(
    "a file that is damaged or cut anywhere in its middle is refused", arguments: ["tone.flac", "tone.mp3"])
  func damaged(_ name: String) throws {
    let folder = try TemporaryFolder()
    let whole = try [UInt8](Data(contentsOf: URL(filePath: fixture(name))))
    #expect(try samples(fixture(name), rate: 16_000).samples.count == 16_000)
    for place in stride(from: whole.count * 4 / 9, to: whole.count * 7 / 9, by: whole.count / 9) {
      let cut = try folder.write(Array(whole[..<place]), to: name)
      let error = #expect(throws: MediaError.self) { _ = try samples(cut, rate: 16_000) }
      #expect(error?.reason.hasPrefix("damaged") == true, "\(place) \(error?.reason ?? "")")
      guard name == "tone.flac" else { continue }
      // The frames of MP3 have no checksums.
      var changed = whole
      changed[place] ^= 0xFF
      let other = try folder.write(changed, to: name)
      #expect(throws: MediaError.self) { _ = try samples(other, rate: 16_000) }
    }
    // An ID3 tag at the end is no damage.
    let tagged = try folder.write(whole + Array("TAG".utf8) + [UInt8](repeating: 0, count: 125), to: name)
    #expect(try samples(tagged, rate: 16_000).samples.count == 16_000)
  }

  @Test("a WAV file written to a pipe, whose header states no size, is read to its end")
  func pipes() throws {
    let folder = try TemporaryFolder()
    for size in [[0xFF, 0xFF, 0xFF, 0xFF], [0, 0, 0, 0x80], [0, 0xF0, 0xFF, 0x7F]] as [[UInt8]] {
      var bytes = WaveFile.floats(sine(440, rate: 16_000), rate: 16_000)
      bytes.replaceSubrange(40..<44, with: size)
      #expect(try samples(try folder.write(bytes, to: "pipe.wav"), rate: 16_000).samples.count == 4000)
    }
  }

  @Test("a file without audio gives one line")
  func errors() throws {
    let folder = try TemporaryFolder()
    func reason(_ bytes: [UInt8], _ name: String) throws -> String {
      let path = try folder.write(bytes, to: name)
      let error = #expect(throws: MediaError.self) { _ = try samples(path, rate: 16_000) }
      #expect(error?.path == path)
      return error?.reason ?? ""
    }
    #expect(try reason(WaveFile.floats([], rate: 16_000), "empty.wav") == "contains no samples")
    let silent = WaveFile.floats([Float](repeating: 1e-5, count: 4000), rate: 16_000)
    #expect(
      try reason(silent, "silent.wav") == "contains no sound: the peak amplitude is 1e-05 of full scale")
    #expect(
      try reason(WaveFile.floats([0, .nan, 0], rate: 16_000), "nan.wav") == "sample 1 is nan, not finite")
    // As scipy.io.wavfile writes floats of samples that were integers.
    let scaled = sine(440, rate: 16_000).map { $0 * 32768 }
    #expect(
      try reason(WaveFile.floats(scaled, rate: 16_000), "scaled.wav").hasSuffix(
        "these have the scale of integers; divide them, in Python: x, rate = soundfile.read('old.wav');"
          + " soundfile.write('new.wav', x / 32768, rate)"))
    #expect(try reason(Array("hello".utf8), "text.wav").hasPrefix("not a readable audio file: "))
    let whole = WaveFile.floats(sine(440, rate: 16_000), rate: 16_000)
    let half = try reason(Array(whole.prefix(whole.count / 2)), "half.wav")
    #expect(half.hasPrefix("damaged: ends after ") && half.hasSuffix(" bytes of samples"))
    #expect(try reason([], "nothing.wav").hasPrefix("not a readable audio file: "))
    #expect(try reason(WaveFile.floats([0.5], rate: 10), "slow.wav").contains("limited to 256"))
    let flac = try [UInt8](Data(contentsOf: URL(filePath: fixture("voice.flac"))))
    #expect(try reason(Array(flac.dropLast(400)), "cut.flac").hasPrefix("damaged"))
    #expect(throws: MediaError("/nowhere.wav", "cannot be read: No such file or directory")) {
      try AudioReader("/nowhere.wav", rate: 16_000)
    }
    #expect(throws: MediaError(folder.path, "is not a file")) { try AudioReader(folder.path, rate: 16_000) }
  }
}
