import CZlib
import WeftBase

/// Decompresses what zlib compressed, piece by piece.
package final class Inflation {
  /// What stands around the compressed data.
  package enum Form {
    /// A header and a checksum of gzip (RFC 1952).
    case gzip
    /// Those of zlib (RFC 1950).
    case zlib
  }

  private let path: String
  private var stream = z_stream()
  /// Whether all has been decompressed, to its checksum.
  package private(set) var isComplete = false

  private static let pieceByteCount = 1 << 18

  /// - Parameter path: The file, for errors.
  /// - Throws: Without memory.
  package init(_ form: Form, path: String) throws(WeftError) {
    self.path = path
    let status =
      switch form {
      case .gzip: czlib_begin_gzip_inflation(&stream)
      case .zlib: czlib_begin_inflation(&stream)
      }
    guard status == Z_OK else { throw .data("\(path): not enough memory to decompress it") }
  }

  deinit { inflateEnd(&stream) }

  /// What follows in the input after `consumed` bytes, decompressed up to a limit; perhaps nothing. `consumed` moves behind
  /// what was read.
  ///
  /// - Throws: If it cannot be decompressed.
  package func next(of input: inout [UInt8], consumed: inout Int) throws(WeftError) -> [UInt8] {
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
    guard isComplete || status == Z_OK || status == Z_BUF_ERROR else { throw damaged }
    return piece
  }

  /// The error of data that cannot be decompressed.
  package var damaged: WeftError { .data("\(path): is damaged: cannot be decompressed") }

  /// Begins with other data after all has been decompressed.
  ///
  /// - Throws: If that is not possible.
  func restart() throws(WeftError) {
    guard inflateReset(&stream) == Z_OK else { throw .data("\(path): cannot be decompressed") }
    isComplete = false
  }
}
