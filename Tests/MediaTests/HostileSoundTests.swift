import Foundation
import TestSupport
import Testing

@testable import Media

/// Sounds that take almost no bytes for hours of many channels.
@Suite struct HostileSoundTests {
  /// A FLAC file whose blocks are constant: eight channels at the highest rate. Source: RFC 9639.
  private static func flac(blocks: Int, rate: Int = 655_350, channels: Int = 8, blockSize: Int = 65_535)
    -> [UInt8]
  {
    func big(_ value: Int, _ width: Int) -> [UInt8] {
      (0..<width).reversed().map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    func crc(_ bytes: [UInt8], _ polynomial: Int, _ bits: Int) -> Int {
      bytes.reduce(0) { sum, byte in
        (0..<8).reduce(sum ^ Int(byte) << (bits - 8)) { sum, _ in
          (sum >> (bits - 1) & 1 == 1 ? sum << 1 ^ polynomial : sum << 1) & ((1 << bits) - 1)
        }
      }
    }
    let format = rate << 44 | (channels - 1) << 41 | 15 << 36 | blocks * blockSize
    var bytes = Array("fLaC".utf8) + [0x80, 0, 0, 34] + big(blockSize, 2) + big(blockSize, 2) + big(0, 6)
    bytes += big(format, 8) + [UInt8](repeating: 0, count: 16)
    for block in 0..<blocks {
      let number: [UInt8] =
        block < 0x80
        ? [UInt8(block)]
        : block < 0x800
          ? [0xC0 | UInt8(block >> 6), 0x80 | UInt8(block & 0x3F)]
          : [0xE0 | UInt8(block >> 12), 0x80 | UInt8(block >> 6 & 0x3F), 0x80 | UInt8(block & 0x3F)]
      var frame: [UInt8] = [0xFF, 0xF8, 0x70, UInt8(channels - 1) << 4] + number + big(blockSize - 1, 2)
      frame.append(UInt8(crc(frame, 0x07, 8)))
      for _ in 0..<channels { frame += [0] + big(block.isMultiple(of: 2) ? 9000 : -9000, 2) }
      bytes += frame + big(crc(frame, 0x8005, 16), 2)
    }
    return bytes
  }

  private func count(_ bytes: [UInt8]) throws -> Int {
    let folder = try TemporaryFolder()
    let reader = try AudioReader(try folder.write(bytes, to: "x.flac"), rate: 16_000)
    var count = 0
    while let samples = try reader.next() { count += samples.count }
    return count
  }

  @Test func aShortOneIsRead() throws {
    let expected = 2 * 65_535 * 16_000 / 655_350
    #expect(abs(try count(Self.flac(blocks: 2)) - expected) <= 2)
  }

  /// Ten minutes in 250 kilobytes.
  @Test func aLongOneIsRefused() throws {
    let clock = ContinuousClock()
    let time = try clock.measure {
      do {
        _ = try count(Self.flac(blocks: 6000))
        Issue.record("it was read")
      } catch let error as MediaError { #expect(error.reason.hasPrefix("unpacks to more than")) }
    }
    #expect(time < .seconds(60))
  }
}
