import KernelInterface

extension VectorKernels {
  @inline(never)
  package static func normalizeRows(
    _ values: Matrix, width: Int, normalized: Matrix, inverseStandardDeviations: Matrix
  ) {
    let padded = PackedMatrix.padded(width)
    assert(values.columns % padded == 0 && normalized.columns == values.columns)
    let gates = values.columns / padded
    for row in 0..<values.rows {
      for gate in 0..<gates {
        let source = values.row(row) + gate * padded
        let target = normalized.row(row) + gate * padded
        var sum = Vector(repeating: 0)
        @inline(always)
        func sumUp(_ column: Int, _ count: Int) {
          sum += Vector.load(source + column).keeping(first: count)
        }
        forEachVector(in: width, sumUp)
        let mean = Vector(repeating: sum.total / Float(width))
        var squares = Vector(repeating: 0)
        @inline(always)
        func sumSquares(_ column: Int, _ count: Int) {
          let deviations = (Vector.load(source + column) - mean).keeping(first: count)
          squares = multiplyAdd(deviations, deviations, squares)
        }
        forEachVector(in: width, sumSquares)
        let inverse = 1 / (squares.total / Float(width) + 1e-5).squareRoot()
        inverseStandardDeviations[row, gate] = inverse
        @inline(always)
        func normalize(_ column: Int, _ count: Int) {
          let deviations = (Vector.load(source + column) - mean).keeping(first: count)
          (deviations * Vector(repeating: inverse)).store(target + column)
        }
        forEachVector(in: width, normalize)
      }
    }
  }

  @inline(never)
  package static func addScaled(normalized: Matrix, gain: Matrix, initial: InitialValue, to target: Matrix) {
    assert(normalized.columns == target.columns && gain.columns == target.columns)
    let gains = gain.row(0)
    for row in 0..<target.rows {
      let source = normalized.row(row)
      let result = target.row(row)
      switch initial {
      case .zero:
        @inline(always)
        func scale(_ column: Int, _ count: Int) {
          (Vector.load(source + column, count: count) * Vector.load(gains + column, count: count))
            .store(result + column, count: count)
        }
        forEachVector(in: target.columns, scale)
      case .row(let start):
        addScaled(source, gains, to: start.row(0), into: result, count: target.columns)
      case .result:
        addScaled(source, gains, to: result, into: result, count: target.columns)
      }
    }
  }

  @inline(always)
  private static func addScaled(
    _ values: UnsafePointer<Float>, _ gains: UnsafePointer<Float>, to start: UnsafePointer<Float>,
    into result: UnsafeMutablePointer<Float>, count: Int
  ) {
    @inline(always)
    func scaleAndAdd(_ column: Int, _ count: Int) {
      multiplyAdd(
        Vector.load(values + column, count: count), Vector.load(gains + column, count: count),
        Vector.load(start + column, count: count)
      ).store(result + column, count: count)
    }
    forEachVector(in: count, scaleAndAdd)
  }

  @inline(never)
  package static func normalizeRowsBackward(
    gradient: Matrix, normalized: Matrix, gain: Matrix, inverseStandardDeviations: Matrix, width: Int,
    into result: Matrix
  ) {
    let padded = PackedMatrix.padded(width)
    assert(gradient.columns % padded == 0 && normalized.columns == gradient.columns)
    assert(gain.columns == gradient.columns && result.columns == gradient.columns)
    let gates = gradient.columns / padded
    for row in 0..<gradient.rows {
      for gate in 0..<gates {
        let start = gate * padded
        let gradients = gradient.row(row) + start
        let values = normalized.row(row) + start
        let gains = gain.row(0) + start
        let target = result.row(row) + start
        var sum = Vector(repeating: 0)
        var products = Vector(repeating: 0)
        @inline(always)
        func sumUp(_ column: Int, _ count: Int) {
          let scaled = (Vector.load(gradients + column) * Vector.load(gains + column)).keeping(first: count)
          sum += scaled
          products = multiplyAdd(scaled, Vector.load(values + column).keeping(first: count), products)
        }
        forEachVector(in: width, sumUp)
        let mean = Vector(repeating: sum.total / Float(width))
        let slope = Vector(repeating: -(products.total / Float(width)))
        let inverse = Vector(repeating: inverseStandardDeviations[row, gate])
        @inline(always)
        func differentiate(_ column: Int, _ count: Int) {
          let scaled = Vector.load(gradients + column) * Vector.load(gains + column)
          let centered = multiplyAdd(Vector.load(values + column), slope, scaled - mean)
          (inverse * centered).keeping(first: count).store(target + column)
        }
        forEachVector(in: width, differentiate)
      }
    }
  }
}
