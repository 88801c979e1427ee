/// A row-major bfloat16 matrix over memory owned elsewhere: values that are kept rounded, at half the memory.
///
/// Element (row, column) is the upper half of a float32 and stands at `pointer[row * stride + column]`. A view, as
/// `Matrix`, and `@unchecked Sendable` under the same rule.
///
/// Public, as the compiler inlines only public declarations into other modules.
public struct BFloat16Matrix: @unchecked Sendable {
  /// The first element.
  public let pointer: UnsafeMutablePointer<UInt16>
  /// Number of rows.
  public let rows: Int
  /// Number of columns.
  public let columns: Int
  /// Distance in elements between the starts of consecutive rows, at least `columns`.
  public let stride: Int

  /// A view of memory that outlives it.
  public init(pointer: UnsafeMutablePointer<UInt16>, rows: Int, columns: Int, stride: Int) {
    assert(stride >= columns && rows >= 0 && columns >= 0)
    self.pointer = pointer
    self.rows = rows
    self.columns = columns
    self.stride = stride
  }

  /// The first element of a row.
  public func row(_ index: Int) -> UnsafeMutablePointer<UInt16> { pointer + index * stride }

  /// The rows in `range`, sharing memory with this matrix.
  public func rows(_ range: Range<Int>) -> BFloat16Matrix {
    assert(range.lowerBound >= 0 && range.upperBound <= rows)
    return BFloat16Matrix(
      pointer: pointer + range.lowerBound * stride, rows: range.count, columns: columns, stride: stride)
  }

  /// The columns in `range`, sharing memory with this matrix.
  public func columns(_ range: Range<Int>) -> BFloat16Matrix {
    assert(range.lowerBound >= 0 && range.upperBound <= columns)
    return BFloat16Matrix(
      pointer: pointer + range.lowerBound, rows: rows, columns: range.count, stride: stride)
  }
}

/// Rows of values of either precision, such as gate gradients: what `DotKernels.outerProducts` and
/// `LaneKernels.tokenSums` sum.
///
/// Public, as the compiler inlines only public declarations into other modules.
public enum StoredRows: Sendable {
  /// Values as they were computed.
  case float32(Matrix)
  /// Values rounded to bfloat16, as products of the algorithm `bf16_bf16_f32` read them anyway.
  case bfloat16(BFloat16Matrix)

  /// Number of columns.
  public var columns: Int {
    switch self {
    case .float32(let matrix): matrix.columns
    case .bfloat16(let matrix): matrix.columns
    }
  }

  /// The columns in `range`.
  public func columns(_ range: Range<Int>) -> StoredRows {
    switch self {
    case .float32(let matrix): .float32(matrix.columns(range))
    case .bfloat16(let matrix): .bfloat16(matrix.columns(range))
    }
  }
}
