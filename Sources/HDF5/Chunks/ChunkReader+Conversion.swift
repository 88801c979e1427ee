extension ChunkReader {
  /// Converts rows of a block to `Float`.
  ///
  /// - Parameters:
  ///   - element: Index of the first number in the block.
  ///   - rows: Rows to convert, `rowStride` numbers apart in the block and `outputStride` apart in the output.
  ///   - rowLength: Numbers per row, which are contiguous.
  ///   - position: Index of the first number in the output.
  /// - Returns: Whether all of them are finite.
  @discardableResult
  package func convert(
    _ chunk: Chunk, from element: Int, rows: Int, rowLength: Int, rowStride: Int, into output: inout [Float],
    at position: Int, outputStride: Int
  ) -> Bool {
    convertRows(
      chunk, from: element, rows: rows, rowLength: rowLength, rowStride: rowStride, into: &output,
      at: position,
      outputStride: outputStride
    ) {
      number.convert($0, to: $1, count: $2)
    } areFinite: {
      Self.areFinite($0, count: $1, bits: UInt32.self, exponent: 0x7f80_0000)
    }
  }

  /// Converts rows of a block to `Double`, as ``convert(_:from:rows:rowLength:rowStride:into:at:outputStride:)`` does.
  @discardableResult
  package func convert(
    _ chunk: Chunk, from element: Int, rows: Int, rowLength: Int, rowStride: Int,
    into output: inout [Double],
    at position: Int, outputStride: Int
  ) -> Bool {
    convertRows(
      chunk, from: element, rows: rows, rowLength: rowLength, rowStride: rowStride, into: &output,
      at: position,
      outputStride: outputStride
    ) {
      number.convert($0, to: $1, count: $2)
    } areFinite: {
      Self.areFinite($0, count: $1, bits: UInt64.self, exponent: 0x7ff0_0000_0000_0000)
    }
  }

  /// Converts rows of a block to `Int32`, as ``convert(_:from:rows:rowLength:rowStride:into:at:outputStride:)`` does;
  /// numbers out of range are clamped, and non-integers become its minimum.
  @discardableResult
  package func convert(
    _ chunk: Chunk, from element: Int, rows: Int, rowLength: Int, rowStride: Int, into output: inout [Int32],
    at position: Int, outputStride: Int
  ) -> Bool {
    convertRows(
      chunk, from: element, rows: rows, rowLength: rowLength, rowStride: rowStride, into: &output,
      at: position,
      outputStride: outputStride
    ) {
      number.convert($0, to: $1, count: $2)
    } areFinite: { _, _ in
      true
    }
  }

  /// Numbers that are converted, and looked at, at once: they stay in the L1 cache.
  private static let runLength = 4096

  private func convertRows<Value>(
    _ chunk: Chunk, from element: Int, rows: Int, rowLength: Int, rowStride: Int, into output: inout [Value],
    at position: Int, outputStride: Int,
    convert: (UnsafeRawPointer, UnsafeMutablePointer<Value>, Int) -> Void,
    areFinite: (UnsafePointer<Value>, Int) -> Bool
  ) -> Bool {
    guard rows > 0, rowLength > 0 else { return true }
    let width = number.byteCount
    precondition(element >= 0 && rowStride >= 0 && position >= 0 && outputStride >= 0)
    precondition(((rows - 1) * rowStride + element + rowLength) * width <= chunk.bytes.count)
    precondition((rows - 1) * outputStride + position + rowLength <= output.count)
    var isFinite = chunk.isFinite ?? true
    let looks = chunk.isFinite == nil
    func convertRow(_ source: UnsafeRawPointer, _ target: UnsafeMutablePointer<Value>, _ count: Int) {
      if !looks { return convert(source, target, count) }
      for first in stride(from: 0, to: count, by: Self.runLength) {
        let run = min(Self.runLength, count - first)
        convert(source + first * width, target + first, run)
        if isFinite { isFinite = areFinite(target + first, run) }
      }
    }
    chunk.bytes.withUnsafeBytes { source in
      output.withUnsafeMutableBufferPointer { output in
        guard let source = source.baseAddress, let output = output.baseAddress else { return }
        if rowStride == rowLength, outputStride == rowLength {
          return convertRow(source + element * width, output + position, rows * rowLength)
        }
        for row in 0..<rows {
          convertRow(
            source + (element + row * rowStride) * width, output + position + row * outputStride, rowLength)
        }
      }
    }
    return isFinite
  }

  /// Whether no number has all bits of `exponent` set.
  private static func areFinite<Value, Bits: FixedWidthInteger>(
    _ values: UnsafePointer<Value>, count: Int, bits: Bits.Type, exponent: Bits
  ) -> Bool {
    let start = UnsafeRawPointer(values)
    var found: Bits = 0
    for index in 0..<count {
      let value = start.load(fromByteOffset: index &* MemoryLayout<Bits>.size, as: Bits.self)
      found |= value & exponent == exponent ? 1 : 0
    }
    return found == 0
  }
}
