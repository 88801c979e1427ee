/// The columns that one dataset fills of an array of steps, beside those of others.
package struct StepColumns: Sendable, Equatable {
  /// Numbers that the dataset has of a step.
  package let width: Int
  /// Numbers of a step of the array.
  package let stride: Int
  /// The first of the dataset's columns.
  package let first: Int

  /// - Parameters:
  ///   - width: Numbers that the dataset has of a step.
  ///   - stride: Numbers of a step of the array; nil for no others.
  ///   - first: The first of the dataset's columns.
  package init(width: Int, of stride: Int? = nil, first: Int = 0) {
    self.width = width
    self.stride = stride ?? width
    self.first = first
  }

  /// Whether there are no columns of others.
  var isWhole: Bool { width == stride }

  /// Where the numbers of a step begin.
  func place(of step: Int) -> Int { step * stride + first }
}
