/// The bytes of WAV files.
public enum WaveFile {
  /// Of 32-bit floats, the channels of a sample side by side.
  public static func floats(_ interleaved: [Float], rate: Int, channels: Int = 1) -> [UInt8] {
    file(interleaved.flatMap { bytes($0.bitPattern) }, format: 3, width: 4, rate: rate, channels: channels)
  }

  /// Of 16-bit integers in one channel.
  ///
  /// - Parameter samples: From −1 to 1.
  public static func integers(_ samples: [Float], rate: Int) -> [UInt8] {
    let values = samples.map { Int16(max(-1, min(1, $0)) * 32_767) }
    return file(values.flatMap { bytes($0) }, format: 1, width: 2, rate: rate, channels: 1)
  }

  /// - Parameters:
  ///   - format: 1 for integers, 3 for floats.
  ///   - width: Bytes of a number.
  private static func file(
    _ data: [UInt8], format: UInt16, width: Int, rate: Int, channels: Int
  ) -> [UInt8] {
    let header =
      bytes(format) + bytes(UInt16(channels)) + bytes(UInt32(rate)) + bytes(UInt32(rate * channels * width))
      + bytes(UInt16(channels * width)) + bytes(UInt16(8 * width))
    return Array("RIFF".utf8) + bytes(UInt32(36 + data.count)) + Array("WAVEfmt ".utf8) + bytes(UInt32(16))
      + header + Array("data".utf8) + bytes(UInt32(data.count)) + data
  }

  private static func bytes(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
  }
}
