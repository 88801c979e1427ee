import KernelInterface

/// A float32 matrix that owns its memory: 64-byte aligned, rows padded to whole vectors, initially zero.
package final class Tensor: Sendable {
  /// The elements. Valid as long as this tensor is.
  package let matrix: Matrix

  private let memory: AlignedMemory

  package init(rows: Int, columns: Int) {
    precondition(rows >= 0 && columns >= 0)
    let stride = Tensor.stride(columns: columns)
    memory = AlignedMemory(byteCount: max(rows * stride, 1) * MemoryLayout<Float>.stride)
    matrix = Matrix(
      pointer: memory.bytes.bound(to: Float.self), rows: rows, columns: columns, stride: stride)
  }

  /// Bytes at whose multiples rows would compete for the same cache sets.
  private static let aliasingByteCount = 1 << 10

  /// Distance of rows: whole vectors, and no multiple of 1 KiB.
  package static func stride(columns: Int) -> Int {
    let padded = VectorWidth.padded(max(columns, 1))
    let isAliasing = padded * MemoryLayout<Float>.stride % aliasingByteCount == 0
    return isAliasing ? padded + VectorWidth.elements : padded
  }

  /// The elements in row-major order without padding.
  package var values: [Float] {
    get { matrix.elements }
    set { matrix.assign(newValue) }
  }
}

extension Tensor {
  /// The elements of a flat tensor `[1, n]` in some ranges, concatenated.
  package func elements(at places: [Range<Int>]) -> [Float] {
    places.flatMap { matrix.columns($0).elements }
  }
}

extension Matrix {
  /// This matrix with the columns that pad it to whole vectors, which lie in its rows.
  package var padded: Matrix {
    Matrix(pointer: pointer, rows: rows, columns: VectorWidth.padded(columns), stride: stride)
  }

  /// Overwrites the elements with row-major values without padding.
  package func assign(_ values: [Float]) {
    precondition(values.count == rows * columns)
    values.withUnsafeBufferPointer { source in
      guard let base = source.baseAddress else { return }
      for index in 0..<rows { row(index).update(from: base + index * columns, count: columns) }
    }
  }

  /// The elements in row-major order without padding.
  package var elements: [Float] {
    var result: [Float] = []
    result.reserveCapacity(rows * columns)
    for index in 0..<rows {
      result.append(contentsOf: UnsafeBufferPointer(start: row(index), count: columns))
    }
    return result
  }
}
