import Archives
import WeftBase

/// A part of a file in order, decompressed by zlib or as it is.
final class ElementBytes {
  private let file: RegularFile
  /// What is left of the part in the file.
  private var rest: Range<Int>
  /// Nil for bytes as they are.
  private let inflation: Inflation?
  private var input: [UInt8] = []
  private var consumed = 0
  private var output: [UInt8] = []
  private var taken = 0
  /// Bytes given so far.
  private(set) var position = 0

  private static let pieceByteCount = 1 << 18

  /// - Throws: Without memory.
  init(_ file: RegularFile, _ range: Range<Int>, isCompressed: Bool) throws(WeftError) {
    (self.file, rest) = (file, range)
    inflation = isCompressed ? try Inflation(.zlib, path: file.path) : nil
  }

  /// The next bytes, as many as asked for.
  ///
  /// - Throws: If there are fewer, or they cannot be read or decompressed.
  func next(_ count: Int) throws(WeftError) -> [UInt8] {
    var bytes: [UInt8] = []
    try forEachPiece(count) { bytes += $0 }
    return bytes
  }

  /// - Throws: As `next`.
  func skip(_ count: Int) throws(WeftError) {
    if inflation != nil { return try forEachPiece(count) { _ in } }
    let read = min(count, output.count - taken)
    guard count - read <= rest.count else { throw MATLABElements.endsEarly(file.path) }
    (taken, position) = (taken + read, position + count)
    rest = rest.lowerBound + count - read..<rest.upperBound
  }

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
    guard let inflation else { return output = try readPiece() }
    while output.isEmpty, !inflation.isComplete {
      if consumed == input.count { (input, consumed) = (try readPiece(), 0) }
      output = try inflation.next(of: &input, consumed: &consumed)
      // Without input, output or an end, there is nothing to go on with.
      if output.isEmpty, consumed == input.count, rest.isEmpty, !inflation.isComplete {
        throw inflation.damaged
      }
    }
  }

  private func readPiece() throws(WeftError) -> [UInt8] {
    let piece = try file.read(at: rest.lowerBound, count: min(Self.pieceByteCount, rest.count))
    rest = rest.lowerBound + piece.count..<rest.upperBound
    if piece.isEmpty, !rest.isEmpty { throw MATLABElements.endsEarly(file.path) }
    return piece
  }
}
