import KernelInterface

/// Concatenation y = [a, b], with the backward pass [da, db] = dy by `split`, padding of gates, and one-hot encoding.
extension VectorKernels {
  @inline(never)
  package static func concatenate(_ left: Matrix, _ right: Matrix, into result: Matrix) {
    assert(left.columns + right.columns == result.columns)
    for row in 0..<result.rows {
      let target = result.row(row)
      target.update(from: left.row(row), count: left.columns)
      (target + left.columns).update(from: right.row(row), count: right.columns)
      clearPadding(target, columns: result.columns)
    }
  }

  @inline(never)
  package static func split(_ source: Matrix, into left: Matrix, _ right: Matrix) {
    assert(left.columns + right.columns == source.columns)
    for row in 0..<source.rows {
      left.row(row).update(from: source.row(row), count: left.columns)
      right.row(row).update(from: source.row(row) + left.columns, count: right.columns)
      clearPadding(left.row(row), columns: left.columns)
      clearPadding(right.row(row), columns: right.columns)
    }
  }

  @inline(never)
  package static func padGates(_ source: Matrix, width: Int, into destination: Matrix) {
    let padded = VectorWidth.padded(width)
    assert(source.rows == destination.rows && source.columns / width * padded == destination.columns)
    for row in 0..<source.rows {
      for gate in 0..<source.columns / width {
        let target = destination.row(row) + gate * padded
        copyElements(source.row(row) + gate * width, to: target, count: width)
        clearPadding(target, columns: width)
      }
    }
  }

  @inline(never)
  package static func oneHot(_ tokens: [Int32], into result: Matrix) {
    for row in 0..<result.rows {
      let target = result.row(row)
      target.update(repeating: 0, count: VectorWidth.padded(result.columns))
      target[Int(tokens[row])] = 1
    }
  }

  private static func clearPadding(_ row: UnsafeMutablePointer<Float>, columns: Int) {
    (row + columns).update(repeating: 0, count: VectorWidth.padded(columns) - columns)
  }
}
