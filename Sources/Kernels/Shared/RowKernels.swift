import KernelInterface

extension VectorKernels: RowKernels {
  @inline(never)
  package static func gatherRows(table: Matrix, indices: [Int32], into destination: Matrix) {
    assert(indices.count == destination.rows && table.columns <= destination.columns)
    for row in 0..<destination.rows {
      let source = table.row(Int(indices[row]))
      let target = destination.row(row)
      copyElements(source, to: target, count: table.columns)
      for column in table.columns..<destination.columns { target[column] = 0 }
    }
  }

  @inline(never)
  package static func scatterRows(_ source: Matrix, to rows: [Int32], of destination: Matrix) {
    assert(rows.count == source.rows && source.columns == destination.columns)
    for row in 0..<source.rows {
      copyElements(source.row(row), to: destination.row(Int(rows[row])), count: source.columns)
    }
  }

  @inline(never)
  package static func copy(_ source: Matrix, into destination: Matrix) {
    assert(source.rows == destination.rows && source.columns == destination.columns)
    for row in 0..<source.rows {
      copyElements(source.row(row), to: destination.row(row), count: source.columns)
    }
  }

  @inline(never)
  package static func fill(_ matrix: Matrix, with value: Float) {
    for row in 0..<matrix.rows {
      matrix.row(row).update(repeating: value, count: matrix.columns)
    }
  }

  @inline(never)
  package static func add(_ source: Matrix, to destination: Matrix) {
    update(destination, from: source, source) { target, value, _ in target + value }
  }

  @inline(never)
  package static func addProduct(_ a: Matrix, _ b: Matrix, to destination: Matrix) {
    update(destination, from: a, b) { target, a, b in multiplyAdd(a, b, target) }
  }

  @inline(never)
  package static func multiply(_ a: Matrix, _ b: Matrix, into destination: Matrix) {
    update(destination, from: a, b) { _, a, b in a * b }
  }

  @inline(never)
  package static func scale(_ matrix: Matrix, by factor: Float) {
    let factors = Vector(repeating: factor)
    update(matrix, from: matrix, matrix) { target, _, _ in target * factors }
  }

  @inline(never)
  package static func squaredNorms(of matrix: Matrix, into norms: Matrix) {
    assert(norms.columns == matrix.rows)
    for row in 0..<matrix.rows {
      norms[0, row] = squaredSum(matrix.row(row), count: matrix.columns)
    }
  }

  @inline(__always)
  private static func update(
    _ destination: Matrix, from a: Matrix, _ b: Matrix, _ function: (Vector, Vector, Vector) -> Vector
  ) {
    assert(a.rows == destination.rows && a.columns == destination.columns)
    assert(b.rows == destination.rows && b.columns == destination.columns)
    for row in 0..<destination.rows {
      let target = destination.row(row)
      let left = a.row(row)
      let right = b.row(row)
      forEachVector(in: destination.columns) { column, count in
        function(
          Vector.load(target + column, count: count), Vector.load(left + column, count: count),
          Vector.load(right + column, count: count)
        ).store(target + column, count: count)
      }
    }
  }
}

/// Calls `body` with the start and length of each run of sixteen elements, then of the shorter rest; the length is
/// a constant in the main loop, so that `Vector.load(_:count:)` costs nothing there.
@inline(__always)
func forEachVector(in count: Int, _ body: (_ start: Int, _ count: Int) -> Void) {
  let whole = count & ~(Vector.scalarCount - 1)
  var start = 0
  while start < whole {
    body(start, Vector.scalarCount)
    start += Vector.scalarCount
  }
  if whole < count { body(whole, count - whole) }
}

/// Σ of squares by sixteen partial sums and the fixed tree of `Vector.total`.
@inline(__always)
func squaredSum(_ pointer: UnsafePointer<Float>, count: Int) -> Float {
  var sums = Vector(repeating: 0)
  forEachVector(in: count) { start, count in
    let values = Vector.load(pointer + start, count: count)
    sums = multiplyAdd(values, values, sums)
  }
  return sums.total
}

@inline(__always)
private func copyElements(_ source: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>, count: Int)
{
  forEachVector(in: count) { start, count in
    Vector.load(source + start, count: count).store(target + start, count: count)
  }
}
