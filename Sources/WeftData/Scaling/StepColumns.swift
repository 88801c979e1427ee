/// The columns of one dataset in an array of steps, which may contain those of others.
package struct StepColumns: Sendable, Equatable {
  /// Values per step of the dataset.
  package let width: Int
  /// Values per step of the array.
  package let stride: Int
  /// The first of the dataset's columns.
  package let first: Int

  /// - Parameters:
  ///   - width: Values per step of the dataset.
  ///   - stride: Values per step of the array; nil for `width`.
  ///   - first: The first of the dataset's columns.
  package init(width: Int, of stride: Int? = nil, first: Int = 0) {
    self.width = width
    self.stride = stride ?? width
    self.first = first
  }

  /// Whether the array has no other columns.
  var isWhole: Bool { width == stride }

  /// Offset of the values of a step.
  func place(of step: Int) -> Int { step * stride + first }
}
