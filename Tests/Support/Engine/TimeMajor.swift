/// Numbers `[steps, rows, features]`.
package struct TimeMajor: Sendable, Equatable {
  package let steps: Int
  package let rows: Int
  package let features: Int
  package var values: [Float]

  package init(steps: Int, rows: Int, features: Int, values: [Float]) {
    precondition(values.count == steps * rows * features)
    self.steps = steps
    self.rows = rows
    self.features = features
    self.values = values
  }

  package init(steps: Int, rows: Int, features: Int, repeating value: Float = 0) {
    self.init(
      steps: steps, rows: rows, features: features,
      values: [Float](repeating: value, count: steps * rows * features))
  }

  /// Range of the features of a row at a step.
  package func range(step: Int, row: Int) -> Range<Int> {
    let start = (step * rows + row) * features
    return start..<start + features
  }

  package subscript(step: Int, row: Int) -> ArraySlice<Float> { values[range(step: step, row: row)] }
}
