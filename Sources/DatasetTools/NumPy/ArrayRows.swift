import HDF5
import WeftBase

/// Reads the rows of a NumPy array of any memory and byte order, block by block.
struct ArrayRows {
  let header: ArrayHeader
  private let file: RandomAccessFile

  /// Size of a block in bytes.
  private static let blockByteCount = 8 << 20

  /// - Throws: If the file is not a numeric array.
  init(_ file: RandomAccessFile) throws(WeftError) {
    self.file = file
    header = try ArrayHeader(name: file.path, byteCount: file.byteCount) { offset, count throws(WeftError) in
      try file.read(at: offset, count: count)
    }
  }

  var path: String { file.path }

  /// - Throws: If texts have other dimensions than one.
  func checkTexts() throws(WeftError) {
    if header.text != nil, header.shape.count != 1 {
      throw .data("\(file.path): has texts in the shape \(header.shape); save one for each row, as x.ravel()")
    }
  }

  /// The texts of an array of one dimension.
  ///
  /// - Parameter isSingle: Whether an array without dimensions, of one text, is meant as well.
  /// - Throws: If it has more, or the file cannot be read.
  func texts(isSingle: Bool = false) throws(WeftError) -> [String] {
    if !isSingle || !header.shape.isEmpty { try checkTexts() }
    guard let form = header.text else { return [] }
    let bytes = try file.read(at: header.dataOffset, count: header.count * form.byteCount)
    guard bytes.count == header.count * form.byteCount else {
      throw .data("\(file.path): changed while it was read")
    }
    return stride(from: 0, to: bytes.count, by: form.byteCount).map { start in
      let own = bytes[start..<start + form.byteCount]
      if form.bytesPerCharacter == 1 {
        return String(decoding: own.prefix { $0 != 0 }, as: UTF8.self)
      }
      var text = String.UnicodeScalarView()
      for place in stride(from: start, to: start + form.byteCount, by: 4) {
        let number = (0..<4).reduce(0 as UInt32) { sum, byte in
          sum | UInt32(own[place + byte]) << UInt32(8 * (header.isBigEndian ? 3 - byte : byte))
        }
        if number == 0 { break }
        text.append(Unicode.Scalar(number) ?? "\u{FFFD}")
      }
      return String(text)
    }
  }

  /// Extents of all dimensions except the first.
  var rowShape: [Int] { Array(header.shape.dropFirst()) }
  private var rowCount: Int { rowShape.reduce(1, *) }

  /// Calls `body` with blocks of rows, in row-major order and native byte order.
  ///
  /// - Throws: An error of `body`, or if the file cannot be read.
  func forEachBlock<Element: HDF5Element>(of type: Element.Type, _ body: ([Element]) throws -> Void) throws {
    let size = MemoryLayout<Element>.stride
    let rows = header.shape.first ?? 1
    let perBlock = max(Self.blockByteCount / max(rowCount * size, 1), 1)
    for first in stride(from: 0, to: rows, by: perBlock) {
      let count = min(perBlock, rows - first)
      var bytes =
        header.isFortranOrdered && header.shape.count > 1
        ? try columnMajorBlock(first, count, size)
        : try file.read(at: header.dataOffset + first * rowCount * size, count: count * rowCount * size)
      guard bytes.count == count * rowCount * size else {
        throw WeftError.data("\(file.path): changed while it was read")
      }
      if header.isBigEndian { Self.swap(&bytes, size) }
      try body(
        bytes.withUnsafeBytes { raw in
          [Element](unsafeUninitializedCapacity: count * rowCount) { buffer, initialized in
            UnsafeMutableRawBufferPointer(buffer).copyMemory(from: raw)
            initialized = count * rowCount
          }
        })
    }
  }

  /// A block of rows of a column-major array, in which the values of one column are contiguous.
  private func columnMajorBlock(_ first: Int, _ count: Int, _ size: Int) throws(WeftError) -> [UInt8] {
    var block = [UInt8](repeating: 0, count: count * rowCount * size)
    let shape = rowShape
    for place in 0..<rowCount {
      // The column-major index.
      var (rest, column, stride) = (place, 0, 1)
      var indices = [Int](repeating: 0, count: shape.count)
      for dimension in shape.indices.reversed() {
        indices[dimension] = rest % shape[dimension]
        rest /= shape[dimension]
      }
      for dimension in shape.indices {
        column += indices[dimension] * stride
        stride *= shape[dimension]
      }
      let start = header.dataOffset + (column * header.shape[0] + first) * size
      let values = try file.read(at: start, count: count * size)
      guard values.count == count * size else { return [] }
      for row in 0..<count {
        for byte in 0..<size { block[(row * rowCount + place) * size + byte] = values[row * size + byte] }
      }
    }
    return block
  }

  private static func swap(_ bytes: inout [UInt8], _ size: Int) {
    for start in stride(from: 0, to: bytes.count, by: size) {
      for byte in 0..<size / 2 { bytes.swapAt(start + byte, start + size - 1 - byte) }
    }
  }
}
