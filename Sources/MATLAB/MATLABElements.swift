import CZlib
import WeftBase

/// The variables in a file of MATLAB before 7.3, as far as it takes to know that they are whole: what is missing or
/// cannot be decompressed, matio reads as zeros. Source: MathWorks, MAT-File Format.
struct MATLABElements {
  private let file: RegularFile

  private static let headerByteCount = 128
  private static let tagByteCount = 8
  /// The type of an element that is compressed by zlib.
  private static let compressed = 15
  private static let pieceByteCount = 1 << 18

  init(_ path: String) throws(WeftError) { file = try RegularFile(path) }

  /// - Throws: If the file ends within a variable, or one cannot be decompressed.
  func check() throws(WeftError) {
    let header = try file.read(at: 0, count: Self.headerByteCount)
    if OlderMATLABFile.isLevel5(header) { try checkLevel5(header) } else { try checkLevel4() }
  }

  private func endsEarly() -> WeftError {
    .data("\(file.path): ends early; was it downloaded or copied completely?")
  }

  private func checkLevel4() throws(WeftError) {
    var offset = 0
    while offset < file.byteCount {
      let bytes = try file.read(at: offset, count: Level4Header.byteCount)
      guard bytes.count == Level4Header.byteCount else { throw endsEarly() }
      guard let header = Level4Header(bytes) else {
        throw .data("\(file.path): is damaged: no variable of MATLAB begins at byte \(offset)")
      }
      offset += bytes.count
      guard header.contentByteCount <= file.byteCount - offset else { throw endsEarly() }
      offset += header.contentByteCount
    }
  }

  private func checkLevel5(_ header: [UInt8]) throws(WeftError) {
    guard header.count == Self.headerByteCount else { throw endsEarly() }
    let isBigEndian = header[126] == UInt8(ascii: "M")
    var offset = Self.headerByteCount
    while offset < file.byteCount {
      let tag = try file.read(at: offset, count: Self.tagByteCount)
      guard tag.count == Self.tagByteCount else { throw endsEarly() }
      let type = integer(tag[0..<4], isBigEndian: isBigEndian)
      let count = integer(tag[4..<8], isBigEndian: isBigEndian)
      offset += tag.count
      guard count <= file.byteCount - offset else { throw endsEarly() }
      if type == Self.compressed { try checkCompressed(offset, count) }
      offset += count
    }
  }

  /// Decompresses an element, whose end has a checksum.
  private func checkCompressed(_ start: Int, _ count: Int) throws(WeftError) {
    var stream = z_stream()
    guard czlib_begin_inflation(&stream) == Z_OK else {
      throw .data("\(file.path): not enough memory to decompress it")
    }
    defer { inflateEnd(&stream) }
    var output = [UInt8](repeating: 0, count: Self.pieceByteCount)
    var (done, status) = (0, Z_OK)
    while done < count, status == Z_OK {
      var piece = try file.read(at: start + done, count: min(Self.pieceByteCount, count - done))
      if piece.isEmpty { throw endsEarly() }
      done += piece.count
      status = piece.withUnsafeMutableBufferPointer { input in
        output.withUnsafeMutableBufferPointer { room in
          stream.next_in = input.baseAddress
          stream.avail_in = UInt32(input.count)
          var status = Z_OK
          // What comes out is not needed.
          repeat {
            stream.next_out = room.baseAddress
            stream.avail_out = UInt32(room.count)
            status = inflate(&stream, Z_NO_FLUSH)
          } while status == Z_OK && (stream.avail_in > 0 || stream.avail_out == 0)
          return status == Z_BUF_ERROR ? Z_OK : status
        }
      }
    }
    guard status == Z_STREAM_END else { throw .data("\(file.path): is damaged: cannot be decompressed") }
  }
}
