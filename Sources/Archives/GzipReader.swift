import CZlib
import WeftBase

/// Decompresses a gzip file (RFC 1952) from its start, piece by piece; it may consist of several members.
package final class GzipReader {
  private let file: RegularFile
  private let path: String
  private var stream = z_stream()
  private var input: [UInt8] = []
  /// Bytes of the file that were read so far, and those of `input` that were decompressed.
  private var offset = 0
  private var consumed = 0
  /// Whether the last member is complete.
  private var isComplete = false

  private static let pieceByteCount = 1 << 18

  /// Whether a file begins as gzip files do.
  ///
  /// - Throws: If it cannot be read.
  package static func isGzip(_ file: RegularFile) throws(WeftError) -> Bool {
    try file.read(at: 0, count: 2) == [0x1F, 0x8B]
  }

  /// - Throws: Without memory.
  package init(_ file: RegularFile, path: String) throws(WeftError) {
    self.file = file
    self.path = path
    guard czlib_begin_gzip_inflation(&stream) == Z_OK else {
      throw .data("\(path): not enough memory to decompress it")
    }
  }

  deinit { inflateEnd(&stream) }

  /// The next piece; empty at the end.
  ///
  /// - Throws: If the file is damaged or incomplete.
  package func read() throws(WeftError) -> [UInt8] {
    while true {
      if consumed == input.count {
        input = try file.read(at: offset, count: Self.pieceByteCount)
        (offset, consumed) = (offset + input.count, 0)
        if input.isEmpty {
          guard isComplete else {
            throw .data("\(path): ends early; was it downloaded or copied completely?")
          }
          return []
        }
      }
      let piece = try inflatePiece()
      if !piece.isEmpty { return piece }
    }
  }

  private func inflatePiece() throws(WeftError) -> [UInt8] {
    if isComplete {
      // What follows a member is another, or padding of zeros.
      guard input[consumed] != 0 else {
        consumed = input.count
        return []
      }
      guard inflateReset(&stream) == Z_OK else { throw .data("\(path): cannot be decompressed") }
      isComplete = false
    }
    var status = Z_OK
    let piece = [UInt8](unsafeUninitializedCapacity: Self.pieceByteCount) { room, count in
      input.withUnsafeMutableBufferPointer { input in
        stream.next_in = input.baseAddress.map { $0 + consumed }
        stream.avail_in = UInt32(input.count - consumed)
        stream.next_out = room.baseAddress
        stream.avail_out = UInt32(room.count)
        status = inflate(&stream, Z_NO_FLUSH)
        consumed = input.count - Int(stream.avail_in)
        count = room.count - Int(stream.avail_out)
      }
    }
    isComplete = status == Z_STREAM_END
    guard isComplete || status == Z_OK || status == Z_BUF_ERROR else {
      throw .data("\(path): is damaged: cannot be decompressed")
    }
    return piece
  }
}
