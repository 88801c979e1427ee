import CZlib
import WeftBase

/// Decompresses a member, part by part.
final class Unpacker {
  private let name: String
  private var isDeflated: Bool
  private var stream = z_stream()
  private var output = [UInt8](repeating: 0, count: 1 << 20)
  /// Bytes given so far, and their checksum.
  private(set) var count = 0
  private(set) var checksum: UInt32 = 0

  /// - Throws: Without memory.
  init(name: String, isDeflated: Bool) throws(WeftError) {
    self.name = name
    self.isDeflated = false
    guard isDeflated else { return }
    guard czlib_begin_raw_inflation(&stream) == Z_OK else {
      throw .data("\(name): not enough memory to unpack it")
    }
    self.isDeflated = true
  }

  deinit { if isDeflated { inflateEnd(&stream) } }

  /// Gives what `part` decompresses to, in pieces.
  ///
  /// - Throws: If it cannot be decompressed; an error of `sink`.
  func add(_ part: [UInt8], to sink: (ArraySlice<UInt8>) throws(WeftError) -> Void) throws(WeftError) {
    guard isDeflated else { return try give(part[...], to: sink) }
    var part = part
    var rest = part.count
    while rest > 0 {
      let (status, produced): (Int32, Int) = part.withUnsafeMutableBufferPointer { input in
        output.withUnsafeMutableBufferPointer { room in
          stream.next_in = input.baseAddress.map { $0 + (input.count - rest) }
          stream.avail_in = UInt32(rest)
          stream.next_out = room.baseAddress
          stream.avail_out = UInt32(room.count)
          let status = inflate(&stream, Z_NO_FLUSH)
          rest = Int(stream.avail_in)
          return (status, room.count - Int(stream.avail_out))
        }
      }
      guard status == Z_OK || status == Z_STREAM_END || (status == Z_BUF_ERROR && produced > 0) else {
        throw .data("\(name): is damaged: cannot be decompressed")
      }
      try give(output[..<produced], to: sink)
      if status == Z_STREAM_END { return }
    }
  }

  private func give(
    _ bytes: ArraySlice<UInt8>, to sink: (ArraySlice<UInt8>) throws(WeftError) -> Void
  ) throws(WeftError) {
    checksum = bytes.withUnsafeBufferPointer {
      UInt32(truncatingIfNeeded: crc32(UInt(checksum), $0.baseAddress, UInt32($0.count)))
    }
    count += bytes.count
    try sink(bytes)
  }
}
