/// Cyclic redundancy checks by a reflected polynomial: that of ZIP and PNG, or Castagnoli's of event files.
enum Checksums {
  static func crc32(_ bytes: some Sequence<UInt8>) -> UInt32 { crc(bytes, 0xEDB8_8320) }

  /// As TensorFlow masks it.
  static func masked(_ bytes: some Sequence<UInt8>) -> UInt32 {
    let sum = crc(bytes, 0x82F6_3B78)
    return (sum >> 15 | sum << 17) &+ 0xA282_EAD8
  }

  private static func crc(_ bytes: some Sequence<UInt8>, _ polynomial: UInt32) -> UInt32 {
    ~bytes.reduce(~0) { sum, byte in
      (0..<8).reduce(sum ^ UInt32(byte)) { sum, _ in sum & 1 == 1 ? sum >> 1 ^ polynomial : sum >> 1 }
    }
  }
}
