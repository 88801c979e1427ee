/// The checksum of TensorFlow record files: CRC-32C (RFC 3720, appendix B.4), rotated and offset by a constant, since
/// CRCs of data that contains CRCs are problematic.
enum MaskedChecksum {
  /// Remainder of each byte by the Castagnoli polynomial, with bits reversed.
  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0x82F6_3B78 : value >> 1 }
  }

  /// The CRC-32C of bytes.
  static func crc32c(_ bytes: some Sequence<UInt8>) -> UInt32 {
    ~bytes.reduce(~0) { value, byte in table[Int(UInt8(truncatingIfNeeded: value) ^ byte)] ^ value >> 8 }
  }

  /// The masked checksum of bytes.
  static func of(_ bytes: some Sequence<UInt8>) -> UInt32 {
    let crc = crc32c(bytes)
    return (crc >> 15 | crc << 17) &+ 0xA282_EAD8
  }
}
