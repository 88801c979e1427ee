/// A row-major float32 matrix over memory owned elsewhere; the operand of kernels.
///
/// Element (row, column) is `pointer[row * stride + column]`. A matrix is a view: copying it copies no elements, and it
/// is valid only as long as its buffer.
///
/// Public, as the compiler inlines only public declarations into other modules.
///
/// `@unchecked Sendable` under one rule: concurrent workers write to disjoint matrices.
public struct Matrix: @unchecked Sendable {
  /// The first element.
  public let pointer: UnsafeMutablePointer<Float>
  /// Number of rows.
  public let rows: Int
  /// Number of columns.
  public let columns: Int
  /// Distance in elements between the starts of consecutive rows, at least `columns`.
  public let stride: Int

  /// A view of memory that outlives it.
  public init(pointer: UnsafeMutablePointer<Float>, rows: Int, columns: Int, stride: Int) {
    assert(stride >= columns && rows >= 0 && columns >= 0)
    self.pointer = pointer
    self.rows = rows
    self.columns = columns
    self.stride = stride
  }

  /// An element.
  public subscript(row: Int, column: Int) -> Float {
    get { pointer[row * stride + column] }
    nonmutating set { pointer[row * stride + column] = newValue }
  }

  /// The first element of a row.
  public func row(_ index: Int) -> UnsafeMutablePointer<Float> { pointer + index * stride }

  /// The rows in `range`, sharing memory with this matrix.
  public func rows(_ range: Range<Int>) -> Matrix {
    assert(range.lowerBound >= 0 && range.upperBound <= rows)
    return Matrix(
      pointer: pointer + range.lowerBound * stride, rows: range.count, columns: columns, stride: stride)
  }

  /// The columns in `range`, sharing memory with this matrix.
  public func columns(_ range: Range<Int>) -> Matrix {
    assert(range.lowerBound >= 0 && range.upperBound <= columns)
    return Matrix(pointer: pointer + range.lowerBound, rows: rows, columns: range.count, stride: stride)
  }
}
