import Archives
import WeftBase

/// Reads a file sequentially through a buffer; one that is compressed by gzip is decompressed.
final class ByteReader {
  let path: String
  /// Size of the contents in bytes when the file was opened.
  let byteCount: Int
  /// Bytes read so far.
  private(set) var offset = 0
  private let file: RegularFile
  /// Nil if the file is not compressed.
  private let gzip: GzipReader?
  private var buffer: [UInt8] = []
  /// Bytes that were in the buffer so far.
  private var filled = 0
  private var next = 0
  private var end = 0
  /// Bytes that are read at a time: fewer after a jump, as another may follow.
  private var piece = 1 << 18

  /// - Throws: If the file cannot be opened.
  init(_ path: String) throws(WeftError) {
    file = try RegularFile(path)
    self.path = path
    gzip = try GzipReader.isGzip(file) ? GzipReader(file, path: path) : nil
    byteCount = gzip == nil ? file.byteCount : try Self.contentByteCount(file, path: path)
  }

  /// The first bytes of a text file, without a byte order mark and the white space before the first character.
  ///
  /// - Throws: If it cannot be read.
  static func start(of path: String) throws(WeftError) -> ArraySlice<UInt8> {
    let file = try RegularFile(path)
    let bytes =
      try GzipReader.isGzip(file)
      ? GzipReader(file, path: path).read() : file.read(at: 0, count: 1 << 12)
    return TextFile.withoutMark(bytes[...]).drop { $0 <= 32 }
  }

  /// A gzip file does not tell how much it contains.
  private static func contentByteCount(_ file: RegularFile, path: String) throws(WeftError) -> Int {
    let reader = try GzipReader(file, path: path)
    var count = 0
    while case let piece = try reader.read(), !piece.isEmpty { count += piece.count }
    return count
  }

  /// The next byte; nil at the end.
  @inline(__always)
  func byte() throws(WeftError) -> UInt8? {
    if next == end, try !fill() { return nil }
    defer {
      next += 1
      offset += 1
    }
    return buffer[next]
  }

  /// Consumes the bytes before the next of some, as far as they are in the buffer, which is faster than one by one.
  func takeRun(before first: UInt8, _ second: UInt8, _ third: UInt8, _ fourth: UInt8, into run: inout [UInt8])
  {
    let (bytes, start, end) = (buffer, next, end)
    var stop = start
    while stop < end, case let byte = bytes[stop], byte != first, byte != second, byte != third,
      byte != fourth
    {
      stop += 1
    }
    if stop == start { return }
    run += bytes[start..<stop]
    next = stop
    offset += stop - start
  }

  /// The next byte without consuming it; nil at the end.
  func peek() throws(WeftError) -> UInt8? {
    if next == end, try !fill() { return nil }
    return buffer[next]
  }

  /// The bytes that are in the buffer.
  var buffered: ArraySlice<UInt8> { buffer[next..<end] }

  /// Consumes some of the bytes that are in the buffer.
  func consume(_ count: Int) {
    precondition(count <= end - next, "the buffer has so many")
    next += count
    offset += count
  }

  /// The bytes up to the next line feed, which is consumed, too; nil at the end.
  ///
  /// - Throws: If there are more than `limit`.
  func line(limit: Int) throws(WeftError) -> [UInt8]? {
    var line: [UInt8] = []
    while true {
      if next == end, try !fill() { return line.isEmpty ? nil : line }
      let rest = buffer[next..<end]
      let stop = rest.firstIndex(of: UInt8(ascii: "\n"))
      line += rest[..<(stop ?? end)]
      let taken = (stop.map { $0 + 1 } ?? end) - next
      next += taken
      offset += taken
      if line.count > limit {
        throw .data("\(path): a line exceeds \(limit >> 20) MiB")
      }
      if stop != nil { return line }
    }
  }

  /// The bytes that are read next, as many as there are at once; none at the end.
  func block() throws(WeftError) -> [UInt8] {
    if next == end, try !fill() { return [] }
    defer {
      offset += end - next
      next = end
    }
    return Array(buffer[next..<end])
  }

  /// Whether `seek` is possible.
  var isSeekable: Bool { gzip == nil }

  /// Continues at a byte of a file that is not compressed.
  ///
  /// - Parameter known: The bytes from there on, as far as they are known.
  func seek(to target: Int, having known: ArraySlice<UInt8> = []) {
    precondition(isSeekable && (0...byteCount).contains(target), "the file has such a byte")
    let start = filled - end
    if !known.isEmpty {
      buffer.removeAll(keepingCapacity: true)
      buffer += known
      (filled, next, end, piece) = (target + known.count, 0, known.count, 1 << 14)
    } else if (start...filled).contains(target) {
      next = target - start
    } else {
      (filled, next, end, piece) = (target, 0, 0, 1 << 14)
    }
    offset = target
  }

  private func fill() throws(WeftError) -> Bool {
    buffer = if let gzip { try gzip.read() } else { try file.read(at: filled, count: piece) }
    filled += buffer.count
    (next, end) = (0, buffer.count)
    return end > 0
  }
}
