import CDeflate
import WeftBase

/// Encodes images as PNG (ISO/IEC 15948), the image format of TensorBoard events.
enum PNGEncoder {
  private static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
  /// The compression level of zlib.
  private static let level: Int32 = 6

  /// Encodes an image with 8 bits per channel.
  ///
  /// - Parameter pixels: Red, green and blue, row-major `[height, width, 3]`.
  /// - Throws: If memory is exhausted.
  static func encode(_ pixels: [UInt8], width: Int, height: Int) throws(WeftError) -> [UInt8] {
    precondition(pixels.count == 3 * width * height)
    // 8 bits, RGB, the standard compression and filter methods, no interlacing.
    let header = bigEndian(UInt32(width)) + bigEndian(UInt32(height)) + [8, 2, 0, 0, 0]
    var rows: [UInt8] = []
    rows.reserveCapacity(height * (3 * width + 1))
    for row in 0..<height {
      // Every row starts with its filter type, none.
      rows.append(0)
      rows += pixels[3 * width * row..<3 * width * (row + 1)]
    }
    return signature + chunk("IHDR", header) + chunk("IDAT", try compressed(rows)) + chunk("IEND", [])
  }

  /// Encodes a chunk: length, name, data, and checksum of name and data.
  private static func chunk(_ name: String, _ data: [UInt8]) -> [UInt8] {
    let body = Array(name.utf8) + data
    return bigEndian(UInt32(data.count)) + body + bigEndian(libdeflate_crc32(0, body, body.count))
  }

  private static func compressed(_ bytes: [UInt8]) throws(WeftError) -> [UInt8] {
    guard let compressor = libdeflate_alloc_compressor(level) else {
      throw .failure("out of memory while compressing an image")
    }
    defer { libdeflate_free_compressor(compressor) }
    var result = [UInt8](repeating: 0, count: libdeflate_zlib_compress_bound(compressor, bytes.count))
    let count = libdeflate_zlib_compress(compressor, bytes, bytes.count, &result, result.count)
    return Array(result.prefix(count))
  }

  private static func bigEndian(_ number: UInt32) -> [UInt8] {
    withUnsafeBytes(of: number.bigEndian) { Array($0) }
  }
}
