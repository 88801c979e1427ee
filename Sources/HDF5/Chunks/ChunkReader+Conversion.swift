extension ChunkReader {
  /// Converts rows of a block to `Float`.
  ///
  /// - Parameters:
  ///   - element: Index of the first number in the block.
  ///   - rows: Rows to convert, `rowStride` numbers apart in the block and `outputStride` apart in the output.
  ///   - rowLength: Numbers per row, which are contiguous.
  ///   - position: Index of the first number in the output.
  package func convert(
    _ chunk: Chunk, from element: Int, rows: Int, rowLength: Int, rowStride: Int, into output: inout [Float],
    at position: Int, outputStride: Int
  ) {
    convertRows(
      chunk, from: element, rows: rows, rowLength: rowLength, rowStride: rowStride, into: &output,
      at: position,
      outputStride: outputStride
    ) { number.convert($0, to: $1, count: $2) }
  }

  /// Converts rows of a block to `Double`, as ``convert(_:from:rows:rowLength:rowStride:into:at:outputStride:)`` does.
  package func convert(
    _ chunk: Chunk, from element: Int, rows: Int, rowLength: Int, rowStride: Int,
    into output: inout [Double],
    at position: Int, outputStride: Int
  ) {
    convertRows(
      chunk, from: element, rows: rows, rowLength: rowLength, rowStride: rowStride, into: &output,
      at: position,
      outputStride: outputStride
    ) { number.convert($0, to: $1, count: $2) }
  }

  /// Converts rows of a block to `Int32`, as ``convert(_:from:rows:rowLength:rowStride:into:at:outputStride:)`` does;
  /// numbers out of range are clamped, and non-integers become its minimum.
  package func convert(
    _ chunk: Chunk, from element: Int, rows: Int, rowLength: Int, rowStride: Int, into output: inout [Int32],
    at position: Int, outputStride: Int
  ) {
    convertRows(
      chunk, from: element, rows: rows, rowLength: rowLength, rowStride: rowStride, into: &output,
      at: position,
      outputStride: outputStride
    ) { number.convert($0, to: $1, count: $2) }
  }

  private func convertRows<Value>(
    _ chunk: Chunk, from element: Int, rows: Int, rowLength: Int, rowStride: Int, into output: inout [Value],
    at position: Int, outputStride: Int,
    convert: (UnsafeRawPointer, UnsafeMutablePointer<Value>, Int) -> Void
  ) {
    guard rows > 0, rowLength > 0 else { return }
    let width = number.byteCount
    precondition(element >= 0 && rowStride >= 0 && position >= 0 && outputStride >= 0)
    precondition(((rows - 1) * rowStride + element + rowLength) * width <= chunk.bytes.count)
    precondition((rows - 1) * outputStride + position + rowLength <= output.count)
    chunk.bytes.withUnsafeBytes { source in
      output.withUnsafeMutableBufferPointer { output in
        guard let source = source.baseAddress, let output = output.baseAddress else { return }
        if rowStride == rowLength, outputStride == rowLength {
          return convert(source + element * width, output + position, rows * rowLength)
        }
        for row in 0..<rows {
          convert(
            source + (element + row * rowStride) * width, output + position + row * outputStride, rowLength)
        }
      }
    }
  }
}
