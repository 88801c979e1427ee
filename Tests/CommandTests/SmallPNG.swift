import Foundation

/// An uncompressed PNG file with 8 bits per color, of at most 64 KiB.
struct SmallPNG {
  let bytes: Data

  /// - Parameter pixel: Red, green and blue at a row and a column.
  init(width: Int, height: Int, pixel: (_ row: Int, _ column: Int) -> [UInt8]) {
    // Each row begins with its filter: none.
    var rows: [UInt8] = []
    for row in 0..<height {
      rows.append(0)
      for column in 0..<width { rows += pixel(row, column) }
    }
    precondition(rows.count < 1 << 16)
    let length = UInt16(rows.count)
    let stored = Data([0x78, 0x01, 1]) + Self.little(length) + Self.little(~length) + Data(rows)
    bytes =
      Data([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
      + Self.chunk("IHDR", Self.big(UInt32(width)) + Self.big(UInt32(height)) + Data([8, 2, 0, 0, 0]))
      + Self.chunk("IDAT", stored + Self.big(Self.adler(rows))) + Self.chunk("IEND", Data())
  }

  private static func chunk(_ kind: String, _ data: Data) -> Data {
    big(UInt32(data.count)) + Data(kind.utf8) + data + big(cyclicRedundancyCheck(Data(kind.utf8) + data))
  }

  private static func cyclicRedundancyCheck(_ data: Data) -> UInt32 {
    ~data.reduce(UInt32.max) { check, byte in
      (0..<8).reduce(check ^ UInt32(byte)) { value, _ in value >> 1 ^ (value & 1 == 1 ? 0xedb8_8320 : 0) }
    }
  }

  private static func adler(_ bytes: [UInt8]) -> UInt32 {
    let sums = bytes.reduce((1, 0) as (UInt32, UInt32)) { sums, byte in
      let first = (sums.0 + UInt32(byte)) % 65521
      return (first, (sums.1 + first) % 65521)
    }
    return sums.1 << 16 | sums.0
  }

  private static func big(_ value: UInt32) -> Data { withUnsafeBytes(of: value.bigEndian) { Data($0) } }
  private static func little(_ value: UInt16) -> Data { withUnsafeBytes(of: value.littleEndian) { Data($0) } }
}
