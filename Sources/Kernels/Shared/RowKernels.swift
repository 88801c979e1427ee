import KernelInterface

/// Copies and element-wise operations. Forward and backward passes are made of the same kernels:
///
///     forward     y[i] = table[index[i]]       y += x      y = a∘b                      y = f·x
///     backward    dtable[index[i]] += dy[i]    dx += dy    da += dy∘b;  db += dy∘a      dx = f·dy
///
/// The gradient of a table is a sum over lanes, see `LaneSums.swift`.
extension VectorKernels {
  @inline(never)
  package static func gatherRows(table: Matrix, indices: [Int32], into destination: Matrix) {
    assert(indices.count == destination.rows && table.columns <= destination.columns)
    for row in 0..<destination.rows {
      let target = destination.row(row)
      if indices[row] < 0 {
        fillElements(target, with: 0, count: destination.columns)
        continue
      }
      copyElements(table.row(Int(indices[row])), to: target, count: table.columns)
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
  package static func round(_ source: Matrix, into destination: BFloat16Matrix) {
    assert(source.rows == destination.rows && source.columns == destination.columns)
    for row in 0..<source.rows {
      let (values, target) = (source.row(row), destination.row(row))
      @inline(always)
      func roundVector(_ column: Int, _ count: Int) {
        Vector.load(values + column, count: count).roundedToBFloat16
          .storeUpperHalves(target + column, count: count)
      }
      forEachVector(in: source.columns, roundVector)
    }
  }

  @inline(never)
  package static func widen(_ source: BFloat16Matrix, into destination: Matrix) {
    assert(source.rows == destination.rows && source.columns == destination.columns)
    for row in 0..<source.rows {
      let (values, target) = (source.row(row), destination.row(row))
      @inline(always)
      func widenVector(_ column: Int, _ count: Int) {
        Vector.load(upperHalves: values + column, count: count).store(target + column, count: count)
      }
      forEachVector(in: source.columns, widenVector)
    }
  }

  @inline(never)
  package static func fill(_ matrix: Matrix, with value: Float) {
    for row in 0..<matrix.rows {
      matrix.row(row).update(repeating: value, count: matrix.columns)
    }
  }

  @inline(never)
  package static func initialize(_ result: Matrix, from initial: InitialValue) {
    switch initial {
    case .zero:
      for row in 0..<result.rows { fillElements(result.row(row), with: 0, count: result.columns) }
    case .row(let values):
      assert(values.columns >= result.columns)
      for row in 0..<result.rows {
        copyElements(values.row(0), to: result.row(row), count: result.columns)
      }
    case .result: break
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
