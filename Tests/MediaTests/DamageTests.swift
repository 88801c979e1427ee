import Foundation
import TestSupport
import Testing

@testable import Media

/// Truncated or randomly changed files end in success or a `MediaError` that names them.
@Suite("Damaged files")
struct DamageTests {
  private static let variants = 150

  /// Calls `read` with damaged copies of a fixture, and returns the numbers of successes and failures.
  private func survive(
    _ name: String, read: (String) throws -> Void
  ) throws -> (read: Int, refused: Int) {
    let folder = try TemporaryFolder()
    let whole = try [UInt8](Data(contentsOf: URL(filePath: fixture(name))))
    var random = SplitMix(seed: name.utf8.reduce(0) { $0 &* 31 &+ UInt64($1) })
    var counts = (read: 0, refused: 0)
    for variant in 0..<Self.variants {
      var bytes = whole
      if variant.isMultiple(of: 3) { bytes.removeLast(Int(random.next() % UInt64(bytes.count))) }
      if variant % 3 > 0 {
        // Headers matter most, so every other change is in the first bytes.
        for change in 0...Int(random.next() % 8) {
          let reach = change.isMultiple(of: 2) ? min(bytes.count, 64) : bytes.count
          bytes[Int(random.next() % UInt64(reach))] = UInt8(truncatingIfNeeded: random.next())
        }
      }
      let path = try folder.write(bytes, to: name)
      do {
        try read(path)
        counts.read += 1
      } catch let error as MediaError {
        #expect(error.path == path && !error.reason.isEmpty && !error.reason.contains("\n"))
        counts.refused += 1
      }
    }
    return counts
  }

  @Test("of audio", arguments: ["voice.wav", "voice.flac", "voice.ogg"])
  func sound(_ name: String) throws {
    let spectrogram = try LogMelSpectrogram(LogMelSettings())
    let counts = try survive(name) { path in
      let (values, frames, _) = try spectrogram.features(of: path, longest: 60)
      #expect(values.count == frames * 40 && values.allSatisfy(\.isFinite))
    }
    #expect(counts.refused > 0)
  }

  @Test(
    "of images",
    arguments: [
      "rgb.png", "palette.png", "grey16.png", "rgba16.png", "interlaced.png", "colour.jpg", "progressive.jpg",
      "cmyk.jpg",
    ])
  func images(_ name: String) throws {
    let counts = try survive(name) { path in
      let image = try ImageFile.read(path, height: 4, width: 4)
      #expect(image.values.allSatisfy { (-1e-5...1.00001).contains($0) })
    }
    #expect(counts.refused > 0)
  }
}
