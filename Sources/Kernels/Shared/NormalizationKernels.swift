import KernelInterface

/// Layer normalization (Ba, Kiros and Hinton 2016, equations 3 and 4) of each gate's H units v:
///
///     forward     μ = mean(v);  σ² = mean((v − μ)²);  s = 1/√(σ² + ε);  n = (v − μ)·s
///                 y = gain∘n + shift
///     backward    dn = dy∘gain;  dv = s·(dn − mean(dn) − n·mean(dn∘n))
///                 dgain = Σ over rows of dy∘n;  dshift = Σ over rows of dy
///
/// The last two are sums over lanes, by `columnSums`.
extension VectorKernels {
  @inline(never)
  package static func normalizeRows(
    _ values: Matrix, width: Int, epsilon: Float, normalized: Matrix, inverseStandardDeviations: Matrix
  ) {
    let padded = VectorWidth.padded(width)
    assert(values.columns % padded == 0 && normalized.columns == values.columns)
    let gates = values.columns / padded
    for row in 0..<values.rows {
      for gate in 0..<gates {
        let v = values.row(row) + gate * padded
        let n = normalized.row(row) + gate * padded
        var sum = Vector(repeating: 0)
        @inline(always)
        func sumUp(_ column: Int, _ count: Int) {
          sum += Vector.load(v + column).keeping(first: count)
        }
        forEachVector(in: width, sumUp)
        let mean = Vector(repeating: sum.total / Float(width))
        var squares = Vector(repeating: 0)
        @inline(always)
        func sumSquares(_ column: Int, _ count: Int) {
          let deviations = (Vector.load(v + column) - mean).keeping(first: count)
          squares = multiplyAdd(deviations, deviations, squares)
        }
        forEachVector(in: width, sumSquares)
        let inverse = 1 / (squares.total / Float(width) + epsilon).squareRoot()
        inverseStandardDeviations[row, gate] = inverse
        @inline(always)
        func normalize(_ column: Int, _ count: Int) {
          let deviations = (Vector.load(v + column) - mean).keeping(first: count)
          (deviations * Vector(repeating: inverse)).store(n + column)
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
      let n = normalized.row(row)
      let y = target.row(row)
      switch initial {
      case .zero:
        @inline(always)
        func scale(_ column: Int, _ count: Int) {
          (Vector.load(n + column, count: count) * Vector.load(gains + column, count: count))
            .store(y + column, count: count)
        }
        forEachVector(in: target.columns, scale)
      case .row(let shift):
        addScaled(n, gains, to: shift.row(0), into: y, count: target.columns)
      case .result:
        addScaled(n, gains, to: y, into: y, count: target.columns)
      }
    }
  }

  @inline(always)
  private static func addScaled(
    _ values: UnsafePointer<Float>, _ gains: UnsafePointer<Float>, to initial: UnsafePointer<Float>,
    into result: UnsafeMutablePointer<Float>, count: Int
  ) {
    @inline(always)
    func scaleAndAdd(_ column: Int, _ count: Int) {
      multiplyAdd(
        Vector.load(values + column, count: count), Vector.load(gains + column, count: count),
        Vector.load(initial + column, count: count)
      ).store(result + column, count: count)
    }
    forEachVector(in: count, scaleAndAdd)
  }

  @inline(never)
  package static func normalizeRowsBackward(
    gradient: Matrix, normalized: Matrix, gain: Matrix, inverseStandardDeviations: Matrix, width: Int,
    into result: Matrix
  ) {
    let padded = VectorWidth.padded(width)
    assert(gradient.columns % padded == 0 && normalized.columns == gradient.columns)
    assert(gain.columns == gradient.columns && result.columns == gradient.columns)
    let gates = gradient.columns / padded
    for row in 0..<gradient.rows {
      for gate in 0..<gates {
        let start = gate * padded
        let dy = gradient.row(row) + start
        let n = normalized.row(row) + start
        let gains = gain.row(0) + start
        let dv = result.row(row) + start
        var sum = Vector(repeating: 0)
        var products = Vector(repeating: 0)
        @inline(always)
        func sumUp(_ column: Int, _ count: Int) {
          let dn = (Vector.load(dy + column) * Vector.load(gains + column)).keeping(first: count)
          sum += dn
          products = multiplyAdd(dn, Vector.load(n + column).keeping(first: count), products)
        }
        forEachVector(in: width, sumUp)
        let mean = Vector(repeating: sum.total / Float(width))
        let slope = Vector(repeating: -(products.total / Float(width)))
        let inverse = Vector(repeating: inverseStandardDeviations[row, gate])
        @inline(always)
        func differentiate(_ column: Int, _ count: Int) {
          let dn = Vector.load(dy + column) * Vector.load(gains + column)
          let centered = multiplyAdd(Vector.load(n + column), slope, dn - mean)
          (inverse * centered).keeping(first: count).store(dv + column)
        }
        forEachVector(in: width, differentiate)
      }
    }
  }
}
