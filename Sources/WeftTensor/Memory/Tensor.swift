import KernelInterface

/// A float32 matrix that owns its memory: 64-byte aligned, rows padded to whole panels, initially zero.
package final class Tensor: Sendable {
  /// The elements. Valid as long as this tensor is.
  package let matrix: Matrix

  /// Size of the mapping in bytes; 0 if the memory is from the heap.
  private let mappedByteCount: Int

  package init(rows: Int, columns: Int) {
    precondition(rows >= 0 && columns >= 0)
    let stride = Tensor.stride(columns: columns)
    let count = max(rows * stride, 1)
    let byteCount = count * MemoryLayout<Float>.stride
    let pointer: UnsafeMutablePointer<Float>
    if byteCount >= Pages.minimumByteCount {
      guard let pages = Pages.map(byteCount: byteCount) else { endOutOfMemory(byteCount: byteCount) }
      pointer = pages.bindMemory(to: Float.self, capacity: count)
      mappedByteCount = byteCount
    } else {
      pointer = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: 64)
        .bindMemory(to: Float.self, capacity: count)
      pointer.initialize(repeating: 0, count: count)
      mappedByteCount = 0
    }
    matrix = Matrix(pointer: pointer, rows: rows, columns: columns, stride: stride)
  }

  deinit {
    let start = UnsafeMutableRawPointer(matrix.pointer)
    if mappedByteCount > 0 {
      Pages.unmap(start, byteCount: mappedByteCount)
    } else {
      start.deallocate()
    }
  }

  /// Distance between rows: whole panels, but not a multiple of 1 KiB, which would map rows to the same cache sets.
  package static func stride(columns: Int) -> Int {
    let padded = PackedMatrix.padded(max(columns, 1))
    return padded % 256 == 0 ? padded + PackedMatrix.panelWidth : padded
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
  /// This matrix including the columns that pad its rows to whole panels.
  package var padded: Matrix {
    Matrix(pointer: pointer, rows: rows, columns: PackedMatrix.padded(columns), stride: stride)
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
