/// The bytes of a WAV file of 32-bit floats.
func waveFile(_ interleaved: [Float], rate: Int, channels: Int = 1) -> [UInt8] {
  func bytes(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
  func bytes(_ value: UInt16) -> [UInt8] { [UInt8(truncatingIfNeeded: value), UInt8(value >> 8)] }
  let data = interleaved.flatMap { bytes($0.bitPattern) }
  let floatFormat: UInt16 = 3
  let format =
    bytes(floatFormat) + bytes(UInt16(channels)) + bytes(UInt32(rate)) + bytes(UInt32(rate * channels * 4))
    + bytes(UInt16(channels * 4)) + bytes(UInt16(32))
  return Array("RIFF".utf8) + bytes(UInt32(36 + data.count)) + Array("WAVEfmt ".utf8) + bytes(UInt32(16))
    + format
    + Array("data".utf8) + bytes(UInt32(data.count)) + data
}
