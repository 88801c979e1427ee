import Foundation
import KernelInterface

/// A float32 matrix that owns its memory: 64-byte aligned, rows padded to whole panels, zeros at first.
package final class Tensor: Sendable {
  /// The elements. Valid as long as this tensor is.
  package let matrix: Matrix

  package init(rows: Int, columns: Int) {
    precondition(rows >= 0 && columns >= 0)
    let stride = Tensor.stride(columns: columns)
    let count = max(rows * stride, 1)
    let memory = Tensor.allocate(byteCount: count * MemoryLayout<Float>.stride)
    let pointer = memory.bindMemory(to: Float.self, capacity: count)
    pointer.initialize(repeating: 0, count: count)
    matrix = Matrix(pointer: pointer, rows: rows, columns: columns, stride: stride)
  }

  /// Aligned to cache lines; large blocks to huge pages, which spare the processor most of its page walks.
  private static func allocate(byteCount: Int) -> UnsafeMutableRawPointer {
    let hugePage = 2 << 20
    guard byteCount >= 2 * hugePage else {
      return UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: 64)
    }
    let memory = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: hugePage)
    #if os(Linux)
      // Advice only: where it is refused, ordinary pages do.
      _ = madvise(memory, byteCount, MADV_HUGEPAGE)
    #endif
    return memory
  }

  deinit { UnsafeMutableRawPointer(matrix.pointer).deallocate() }

  /// Distance of rows: whole panels, and no multiple of 1 KiB, where rows would compete for the same cache sets.
  package static func stride(columns: Int) -> Int {
    let padded = PackedMatrix.padded(max(columns, 1))
    return padded % 256 == 0 ? padded + PackedMatrix.panelWidth : padded
  }

  /// The elements in row-major order without padding.
  package var values: [Float] {
    get {
      var result: [Float] = []
      result.reserveCapacity(matrix.rows * matrix.columns)
      for row in 0..<matrix.rows {
        result.append(contentsOf: UnsafeBufferPointer(start: matrix.row(row), count: matrix.columns))
      }
      return result
    }
    set { matrix.assign(newValue) }
  }
}

extension Matrix {
  /// This matrix with the columns that pad it to whole panels, which lie in its rows.
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
    (0..<rows).flatMap { UnsafeBufferPointer(start: row($0), count: columns) }
  }
}
