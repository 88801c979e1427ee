import KernelInterface

extension VectorKernels {
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
    @inline(always)
    func sum(_ target: Vector, _ value: Vector, _: Vector) -> Vector { target + value }
    update(destination, from: source, source, sum)
  }

  @inline(never)
  package static func addProduct(_ a: Matrix, _ b: Matrix, to destination: Matrix) {
    @inline(always)
    func sum(_ target: Vector, _ a: Vector, _ b: Vector) -> Vector { multiplyAdd(a, b, target) }
    update(destination, from: a, b, sum)
  }

  @inline(never)
  package static func multiply(_ a: Matrix, _ b: Matrix, into destination: Matrix) {
    @inline(always)
    func product(_: Vector, _ a: Vector, _ b: Vector) -> Vector { a * b }
    update(destination, from: a, b, product)
  }

  @inline(never)
  package static func scale(_ matrix: Matrix, by factor: Float) {
    let factors = Vector(repeating: factor)
    @inline(always)
    func product(_ target: Vector, _: Vector, _: Vector) -> Vector { target * factors }
    update(matrix, from: matrix, matrix, product)
  }

  @inline(never)
  package static func squaredNorms(of matrix: Matrix, into norms: Matrix) {
    assert(norms.columns == matrix.rows)
    for row in 0..<matrix.rows {
      norms[0, row] = squaredSum(matrix.row(row), count: matrix.columns)
    }
  }

  @inline(always)
  private static func update(
    _ destination: Matrix, from a: Matrix, _ b: Matrix, _ function: (Vector, Vector, Vector) -> Vector
  ) {
    assert(a.rows == destination.rows && a.columns == destination.columns)
    assert(b.rows == destination.rows && b.columns == destination.columns)
    for row in 0..<destination.rows {
      let target = destination.row(row)
      let left = a.row(row)
      let right = b.row(row)
      @inline(always)
      func updateVector(_ column: Int, _ count: Int) {
        function(
          Vector.load(target + column, count: count), Vector.load(left + column, count: count),
          Vector.load(right + column, count: count)
        ).store(target + column, count: count)
      }
      forEachVector(in: destination.columns, updateVector)
    }
  }
}

/// Calls `body` with the start and length of each run of sixteen elements, then of the shorter rest; the length is
/// a constant in the main loop, so that `Vector.load(_:count:)` costs nothing there.
///
/// Pass a local function marked `@inline(always)`: closures would become calls.
@inline(always)
func forEachVector(in count: Int, _ body: (_ start: Int, _ count: Int) -> Void) {
  let whole = count & ~(Vector.scalarCount - 1)
  var start = 0
  while start < whole {
    body(start, Vector.scalarCount)
    start += Vector.scalarCount
  }
  if whole < count { body(whole, count - whole) }
}

/// Writes a value to `count` elements. The standard library's own may become a function that all modules share.
@inline(always)
func fillElements(_ pointer: UnsafeMutablePointer<Float>, with value: Float, count: Int) {
  @inline(always)
  func write(_ start: Int, _ count: Int) { Vector(repeating: value).store(pointer + start, count: count) }
  forEachVector(in: count, write)
}

/// Σ of squares by sixteen partial sums and the fixed tree of `Vector.total`.
@inline(always)
func squaredSum(_ pointer: UnsafePointer<Float>, count: Int) -> Float {
  var sums = Vector(repeating: 0)
  @inline(always)
  func accumulate(_ start: Int, _ count: Int) {
    let values = Vector.load(pointer + start, count: count)
    sums = multiplyAdd(values, values, sums)
  }
  forEachVector(in: count, accumulate)
  return sums.total
}

@inline(always)
private func copyElements(_ source: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>, count: Int)
{
  @inline(always)
  func copyVector(_ start: Int, _ count: Int) {
    Vector.load(source + start, count: count).store(target + start, count: count)
  }
  forEachVector(in: count, copyVector)
}
