/// A row-major float32 matrix over memory owned elsewhere; the type in which layers hand memory to kernels.
///
/// Element (row, column) lies at `pointer[row * stride + column]`. A matrix is a view: copying it copies no
/// elements, and it is valid only as long as the buffer that it came from.
///
/// It is `@unchecked Sendable` under one rule: workers that run at the same time write to disjoint matrices.
package struct Matrix: @unchecked Sendable {
  package let pointer: UnsafeMutablePointer<Float>
  package let rows: Int
  package let columns: Int
  /// Distance in elements between the starts of two neighbouring rows, at least `columns`.
  package let stride: Int

  package init(pointer: UnsafeMutablePointer<Float>, rows: Int, columns: Int, stride: Int) {
    assert(stride >= columns && rows >= 0 && columns >= 0)
    self.pointer = pointer
    self.rows = rows
    self.columns = columns
    self.stride = stride
  }

  package subscript(row: Int, column: Int) -> Float {
    get { pointer[row * stride + column] }
    nonmutating set { pointer[row * stride + column] = newValue }
  }

  /// The first element of a row.
  package func row(_ index: Int) -> UnsafeMutablePointer<Float> { pointer + index * stride }

  /// The rows in `range`, sharing memory with this matrix.
  package func rows(_ range: Range<Int>) -> Matrix {
    assert(range.lowerBound >= 0 && range.upperBound <= rows)
    return Matrix(
      pointer: pointer + range.lowerBound * stride, rows: range.count, columns: columns, stride: stride)
  }

  /// The columns in `range`, sharing memory with this matrix.
  package func columns(_ range: Range<Int>) -> Matrix {
    assert(range.lowerBound >= 0 && range.upperBound <= columns)
    return Matrix(pointer: pointer + range.lowerBound, rows: rows, columns: range.count, stride: stride)
  }
}
