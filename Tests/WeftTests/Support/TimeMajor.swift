/// Numbers `[steps, rows, features]`.
struct TimeMajor: Sendable, Equatable {
  let steps: Int
  let rows: Int
  let features: Int
  var values: [Float]

  init(steps: Int, rows: Int, features: Int, values: [Float]) {
    precondition(values.count == steps * rows * features)
    self.steps = steps
    self.rows = rows
    self.features = features
    self.values = values
  }

  init(steps: Int, rows: Int, features: Int, repeating value: Float = 0) {
    self.init(
      steps: steps, rows: rows, features: features,
      values: [Float](repeating: value, count: steps * rows * features))
  }

  /// Where the features of a row at a step lie among the values.
  func range(step: Int, row: Int) -> Range<Int> {
    let start = (step * rows + row) * features
    return start..<start + features
  }

  subscript(step: Int, row: Int) -> ArraySlice<Float> { values[range(step: step, row: row)] }
}
