import WeftBase

/// A matrix of which the numbers other than 0 are stored: by rows or by columns, each with the places of its numbers (CSR, CSC
/// of SciPy), or each number with its row and column (COO).
struct SparseValues {
  /// Rows and columns.
  let shape: [Int]
  let values: [Double]
  /// What the numbers are stored by.
  let order: Order

  enum Order {
    /// The first number of each row, and the column of each number.
    case rows(pointers: [Int], columns: [Int])
    /// The first number of each column, and the row of each number.
    case columns(pointers: [Int], rows: [Int])
    case places(rows: [Int], columns: [Int])
  }

  /// Elements of the largest matrix that is written out: 1 GiB in double precision.
  static let limit = 1 << 27

  /// Checks that the matrix can be written out.
  ///
  /// - Parameter failure: The error for a reason.
  /// - Throws: If it is too large, or has no elements.
  static func check(shape: [Int], failure: (String) -> WeftError) throws(WeftError) {
    guard shape.count == 2, shape.allSatisfy({ $0 > 0 }) else {
      throw failure("has the shape \(shape), not of a matrix with rows and columns")
    }
    guard let count = shape.boundedProduct, count <= limit else {
      throw failure(
        "has \(shape[0]) x \(shape[1]) elements when it is written out, more than the limit of \(limit); choose fewer columns"
          + " first, such as the variable genes, or components of truncated SVD")
    }
  }

  /// All elements, row by row. Numbers at one place are added, as in SciPy.
  ///
  /// - Parameter failure: The error for a reason.
  /// - Throws: If a place lies outside of the matrix.
  func dense(failure: (String) -> WeftError) throws(WeftError) -> [Double] {
    try Self.check(shape: shape, failure: failure)
    let (rowCount, columnCount) = (shape[0], shape[1])
    var result = [Double](repeating: 0, count: rowCount * columnCount)
    switch order {
    case .rows(let pointers, let columns):
      try check(pointers, columns, lines: rowCount, failure)
      for row in 0..<rowCount {
        for index in pointers[row]..<pointers[row + 1] {
          try place(row, columns[index], index, in: &result, failure)
        }
      }
    case .columns(let pointers, let rows):
      try check(pointers, rows, lines: columnCount, failure)
      for column in 0..<columnCount {
        for index in pointers[column]..<pointers[column + 1] {
          try place(rows[index], column, index, in: &result, failure)
        }
      }
    case .places(let rows, let columns):
      guard rows.count == values.count, columns.count == values.count else {
        throw failure(
          "has \(values.count) numbers, but \(rows.count) rows and \(columns.count) columns of them")
      }
      for index in values.indices { try place(rows[index], columns[index], index, in: &result, failure) }
    }
    return result
  }

  private func place(
    _ row: Int, _ column: Int, _ index: Int, in result: inout [Double], _ failure: (String) -> WeftError
  ) throws(WeftError) {
    guard row >= 0, row < shape[0], column >= 0, column < shape[1] else {
      throw failure("number \(index) is at row \(row) and column \(column) of \(shape[0]) x \(shape[1])")
    }
    result[row * shape[1] + column] += values[index]
  }

  private func check(
    _ pointers: [Int], _ places: [Int], lines: Int, _ failure: (String) -> WeftError
  ) throws(WeftError) {
    guard places.count == values.count else {
      throw failure("has \(values.count) numbers, but \(places.count) places of them")
    }
    guard pointers.count == lines + 1, pointers[0] == 0, pointers[lines] == values.count,
      zip(pointers, pointers.dropFirst()).allSatisfy({ $0 <= $1 })
    else {
      throw failure(
        "has \(pointers.count) pointers, which are not \(lines + 1) numbers that ascend from 0 to \(values.count)"
      )
    }
  }
}
