import WeftBase

/// Decompresses a gzip file (RFC 1952) from its start, piece by piece; it may consist of several members.
package final class GzipReader {
  private let file: RegularFile
  private let path: String
  private let inflation: Inflation
  private var input: [UInt8] = []
  /// Bytes of the file that were read so far, and those of `input` that were decompressed.
  private var offset = 0
  private var consumed = 0

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
    inflation = try Inflation(.gzip, path: path)
  }

  /// The next piece; empty at the end.
  ///
  /// - Throws: If the file is damaged or incomplete.
  package func read() throws(WeftError) -> [UInt8] {
    while true {
      if consumed == input.count {
        input = try file.read(at: offset, count: Self.pieceByteCount)
        (offset, consumed) = (offset + input.count, 0)
        if input.isEmpty {
          guard inflation.isComplete else {
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
    if inflation.isComplete {
      // What follows a member is another, or padding of zeros.
      guard input[consumed] != 0 else {
        consumed = input.count
        return []
      }
      try inflation.restart()
    }
    return try inflation.next(of: &input, consumed: &consumed)
  }
}
