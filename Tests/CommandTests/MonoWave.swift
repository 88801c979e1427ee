import Foundation

/// A WAV file of one channel, 16 bits a sample.
struct MonoWave {
  let bytes: Data

  /// - Parameter samples: From −1 to 1.
  init(samples: [Float], rate: Int) {
    let data = samples.reduce(into: Data()) { $0 += Self.little(Int16(max(-1, min(1, $1)) * 32_767)) }
    let format =
      Self.little(UInt16(1)) + Self.little(UInt16(1)) + Self.little(UInt32(rate))
      + Self.little(UInt32(2 * rate)) + Self.little(UInt16(2)) + Self.little(UInt16(16))
    bytes =
      Data("RIFF".utf8) + Self.little(UInt32(36 + data.count)) + Data("WAVEfmt ".utf8)
      + Self.little(UInt32(16))
      + format + Data("data".utf8) + Self.little(UInt32(data.count)) + data
  }

  private static func little(_ value: some FixedWidthInteger) -> Data {
    withUnsafeBytes(of: value.littleEndian) { Data($0) }
  }
}
