/// The x that minimizes ‖A x − b‖², by Householder reflections (Golub and Van Loan, algorithm 5.2.1).
///
/// - Parameters:
///   - rows: A, row by row, at least as many as columns.
///   - right: b.
/// - Returns: Nil if the columns of A are linearly dependent.
func leastSquares(_ rows: [[Double]], _ right: [Double]) -> [Double]? {
  let (count, columns) = (rows.count, rows.first?.count ?? 0)
  guard count >= columns, columns > 0 else { return nil }
  var matrix = zip(rows, right).map { $0 + [$1] }
  let scales = (0..<columns).map { column in rows.reduce(0) { max($0, abs($1[column])) } }
  for column in 0..<columns {
    let norm = (column..<count).reduce(0) { $0 + matrix[$1][column] * matrix[$1][column] }.squareRoot()
    guard norm > 1e-12 * scales[column] else { return nil }
    let diagonal = matrix[column][column] > 0 ? -norm : norm
    var reflector = (column..<count).map { matrix[$0][column] }
    reflector[0] -= diagonal
    let length = reflector.reduce(0) { $0 + $1 * $1 }
    for target in column...columns {
      let product = zip(reflector, column..<count).reduce(0) { $0 + $1.0 * matrix[$1.1][target] }
      for (offset, value) in reflector.enumerated() {
        matrix[column + offset][target] -= 2 * product / length * value
      }
    }
  }
  var solution = [Double](repeating: 0, count: columns)
  for column in (0..<columns).reversed() {
    let known = (column + 1..<columns).reduce(0) { $0 + matrix[column][$1] * solution[$1] }
    solution[column] = (matrix[column][columns] - known) / matrix[column][column]
  }
  return solution
}
