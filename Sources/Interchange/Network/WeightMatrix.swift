/// A matrix of weights, in row-major order.
package struct WeightMatrix: Sendable, Equatable {
  package let rows: Int
  package let columns: Int
  package var values: [Float]

  /// - Precondition: There are `rows` · `columns` values.
  package init(rows: Int, columns: Int, values: [Float]) {
    precondition(values.count == rows * columns)
    self.rows = rows
    self.columns = columns
    self.values = values
  }

  /// Ones on the diagonal, zeros elsewhere.
  package static func identity(_ size: Int) -> WeightMatrix {
    var result = WeightMatrix(rows: size, columns: size, values: [Float](repeating: 0, count: size * size))
    for index in 0..<size { result.values[index * size + index] = 1 }
    return result
  }

  package var transposed: WeightMatrix {
    var result = self
    result = WeightMatrix(rows: columns, columns: rows, values: values)
    for row in 0..<rows {
      for column in 0..<columns { result.values[column * rows + row] = values[row * columns + column] }
    }
    return result
  }

  package func row(_ index: Int) -> ArraySlice<Float> { values[index * columns..<(index + 1) * columns] }

  /// Some columns.
  package func columns(_ range: Range<Int>) -> WeightMatrix {
    WeightMatrix(
      rows: rows, columns: range.count,
      values: (0..<rows).flatMap { values[$0 * columns + range.lowerBound..<$0 * columns + range.upperBound] }
    )
  }

  /// The rows of both matrices, one below the other.
  package func over(_ other: WeightMatrix) -> WeightMatrix {
    precondition(columns == other.columns)
    return WeightMatrix(rows: rows + other.rows, columns: columns, values: values + other.values)
  }

  /// The first rows.
  package func prefix(_ count: Int) -> WeightMatrix {
    WeightMatrix(rows: count, columns: columns, values: Array(values[..<(count * columns)]))
  }
}
