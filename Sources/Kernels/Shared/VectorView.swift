import KernelInterface

/// A matrix read and written a vector at a time: `view[row, column]` are the sixteen elements from `column` on.
struct VectorView {
  private let pointer: UnsafeMutablePointer<Float>
  private let stride: Int

  /// The matrix from its column `column` on.
  @inline(always)
  init(_ matrix: Matrix, from column: Int = 0) {
    pointer = matrix.pointer + column
    stride = matrix.stride
  }

  @inline(always)
  subscript(row: Int, column: Int) -> Vector {
    get { .load(pointer + row * stride + column) }
    nonmutating set { newValue.store(pointer + row * stride + column) }
  }
}
