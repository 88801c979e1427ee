extension ChunkReader {
  /// Converts rows of a block to `Float`.
  ///
  /// - Returns: Whether all of them are finite.
  @discardableResult
  package func convert(_ chunk: Chunk, _ rows: ChunkRows, into output: inout [Float]) -> Bool {
    // A finite number of double precision may be infinite in single.
    convertRows(chunk, rows, into: &output, looks: chunk.isFinite == nil || number.kind == .float64) {
      number.convert($0, to: $1, count: $2)
    } areFinite: {
      StoredNumber(.float32).areFinite($0)
    }
  }

  /// Converts rows of a block to `Double`, as ``convert(_:_:into:)`` does.
  @discardableResult
  package func convert(_ chunk: Chunk, _ rows: ChunkRows, into output: inout [Double]) -> Bool {
    convertRows(chunk, rows, into: &output, looks: chunk.isFinite == nil) {
      number.convert($0, to: $1, count: $2)
    } areFinite: {
      StoredNumber(.float64).areFinite($0)
    }
  }

  /// Converts rows of a block to `Int32`, as ``convert(_:_:into:)`` does;
  /// numbers out of range are clamped, and non-integers become its minimum.
  @discardableResult
  package func convert(_ chunk: Chunk, _ rows: ChunkRows, into output: inout [Int32]) -> Bool {
    convertRows(chunk, rows, into: &output, looks: false) {
      number.convert($0, to: $1, count: $2)
    } areFinite: { _ in
      true
    }
  }

  /// Numbers that are converted, and looked at, at once: they stay in the L1 cache.
  private static let runLength = 4096

  /// - Parameter looks: Whether to look for numbers that are not finite after the conversion.
  private func convertRows<Value>(
    _ chunk: Chunk, _ rows: ChunkRows, into output: inout [Value], looks: Bool,
    convert: (UnsafeRawPointer, UnsafeMutablePointer<Value>, Int) -> Void,
    areFinite: (UnsafeRawBufferPointer) -> Bool
  ) -> Bool {
    guard rows.count > 0, rows.length > 0 else { return true }
    let width = number.byteCount
    precondition(rows.sourceEnd * width <= chunk.bytes.count && rows.targetEnd <= output.count)
    var isFinite = chunk.isFinite ?? true
    func convertRow(_ source: UnsafeRawPointer, _ target: UnsafeMutablePointer<Value>, _ count: Int) {
      if !looks { return convert(source, target, count) }
      for first in stride(from: 0, to: count, by: Self.runLength) {
        let run = min(Self.runLength, count - first)
        convert(source + first * width, target + first, run)
        if isFinite {
          isFinite = areFinite(
            UnsafeRawBufferPointer(UnsafeBufferPointer(start: UnsafePointer(target + first), count: run)))
        }
      }
    }
    chunk.bytes.withUnsafeBytes { source in
      output.withUnsafeMutableBufferPointer { output in
        guard let source = source.baseAddress, let output = output.baseAddress else { return }
        if rows.isWhole {
          return convertRow(source + rows.source * width, output + rows.target, rows.count * rows.length)
        }
        for row in 0..<rows.count {
          convertRow(
            source + (rows.source + row * rows.sourceStride) * width,
            output + rows.target + row * rows.targetStride, rows.length)
        }
      }
    }
    return isFinite
  }
}
