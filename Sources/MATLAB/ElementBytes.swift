import CZlib
import WeftBase

/// A part of a file in order, decompressed by zlib or as it is.
final class ElementBytes {
  private let file: RegularFile
  /// What is left of the part in the file.
  private var rest: Range<Int>
  private let isCompressed: Bool
  private var stream = z_stream()
  private var input: [UInt8] = []
  private var output: [UInt8] = []
  private var taken = 0
  private var isFinished = false
  /// Bytes given so far.
  private(set) var position = 0

  private static let pieceByteCount = 1 << 18

  /// - Throws: Without memory.
  init(_ file: RegularFile, _ range: Range<Int>, isCompressed: Bool) throws(WeftError) {
    (self.file, rest, self.isCompressed) = (file, range, isCompressed)
    guard !isCompressed || czlib_begin_inflation(&stream) == Z_OK else {
      throw .data("\(file.path): not enough memory to decompress it")
    }
  }

  deinit { if isCompressed { inflateEnd(&stream) } }

  /// The next bytes, as many as asked for.
  ///
  /// - Throws: If there are fewer, or they cannot be read or decompressed.
  func next(_ count: Int) throws(WeftError) -> [UInt8] {
    var bytes: [UInt8] = []
    try forEachPiece(count) { bytes += $0 }
    return bytes
  }

  /// - Throws: As `next`.
  func skip(_ count: Int) throws(WeftError) { try forEachPiece(count) { _ in } }

  /// Gives a number of bytes in pieces.
  ///
  /// - Throws: As `next`; an error of `body`.
  func forEachPiece(
    _ count: Int, _ body: (ArraySlice<UInt8>) throws(WeftError) -> Void
  ) throws(WeftError) {
    var count = count
    while count > 0 {
      if taken == output.count { try refill() }
      guard taken < output.count else { throw MATLABElements.endsEarly(file.path) }
      let piece = output[taken..<min(output.count, taken + count)]
      (taken, position, count) = (piece.endIndex, position + piece.count, count - piece.count)
      try body(piece)
    }
  }

  /// Reads what is left, to its checksum if it is compressed.
  ///
  /// - Throws: As `next`.
  func finish() throws(WeftError) {
    while true {
      (position, taken) = (position + output.count - taken, output.count)
      try refill()
      if output.isEmpty { return }
    }
  }

  /// The next piece; none at the end.
  private func refill() throws(WeftError) {
    (output, taken) = ([], 0)
    while output.isEmpty, !isFinished {
      if !isCompressed {
        output = try readPiece()
        isFinished = output.isEmpty
      } else {
        if input.isEmpty { input = try readPiece() }
        try inflatePiece()
      }
    }
  }

  private func readPiece() throws(WeftError) -> [UInt8] {
    let piece = try file.read(at: rest.lowerBound, count: min(Self.pieceByteCount, rest.count))
    rest = rest.lowerBound + piece.count..<rest.upperBound
    if piece.isEmpty, !rest.isEmpty { throw MATLABElements.endsEarly(file.path) }
    return piece
  }

  private func inflatePiece() throws(WeftError) {
    var status = Z_OK
    var left = 0
    output = [UInt8](unsafeUninitializedCapacity: Self.pieceByteCount) { room, count in
      input.withUnsafeMutableBufferPointer { input in
        stream.next_in = input.baseAddress
        stream.avail_in = UInt32(input.count)
        stream.next_out = room.baseAddress
        stream.avail_out = UInt32(room.count)
        status = inflate(&stream, Z_NO_FLUSH)
        left = Int(stream.avail_in)
        count = room.count - Int(stream.avail_out)
      }
    }
    input = Array(input.suffix(left))
    isFinished = status == Z_STREAM_END
    // Without input, output or an end, there is nothing to go on with.
    let isStuck = output.isEmpty && input.isEmpty && rest.isEmpty
    guard isFinished || (status == Z_OK || status == Z_BUF_ERROR) && !isStuck else {
      throw .data("\(file.path): is damaged: cannot be decompressed")
    }
  }
}
