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

  /// The columns of this matrix, and after them those of another one with as many rows.
  func beside(_ other: WeightMatrix) -> WeightMatrix {
    precondition(rows == other.rows)
    return WeightMatrix(
      rows: rows, columns: columns + other.columns, values: (0..<rows).flatMap { row($0) + other.row($0) })
  }

  /// The rows at their places among `count`, and zeros elsewhere; rows at the same place are added.
  func spread(to places: [Int], of count: Int) -> WeightMatrix {
    precondition(places.count == rows)
    var result = WeightMatrix(
      rows: count, columns: columns, values: [Float](repeating: 0, count: count * columns))
    for (row, place) in places.enumerated() {
      for column in 0..<columns { result.values[place * columns + column] += values[row * columns + column] }
    }
    return result
  }
}
