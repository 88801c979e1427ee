import KernelInterface

/// Zoneout (Krueger et al. 2017), where d is one in the units that keep their state, or its expected value r:
///
///     forward     s = d∘s₋₁ + (1 − d)∘s̃
///     backward    ds̃ = (1 − d)∘ds;  ds₋₁ += d∘ds
extension VectorKernels {
  @inline(never)
  package static func zoneoutForward(
    previous: Matrix, candidate: Matrix, mask: Matrix?, rate: Float, state: Matrix
  ) {
    for row in 0..<state.rows {
      let (old, new, s) = (previous.row(row), candidate.row(row), state.row(row))
      let drawn = mask?.row(row)
      @inline(always)
      func mix(_ column: Int, _ count: Int) {
        let (a, b) = (Vector.load(old + column, count: count), Vector.load(new + column, count: count))
        if let drawn {
          let m = Vector.load(drawn + column, count: count)
          b.replacing(with: a, where: m .== Vector(repeating: 0)).store(s + column, count: count)
        } else {
          multiplyAdd(a - b, Vector(repeating: rate), b).store(s + column, count: count)
        }
      }
      forEachVector(in: state.columns, mix)
    }
  }

  @inline(never)
  package static func zoneoutBackward(gradient: Matrix, mask: Matrix?, rate: Float, kept: Matrix) {
    let zero = Vector(repeating: 0)
    for row in 0..<gradient.rows {
      let (ds, direct) = (gradient.row(row), kept.row(row))
      let drawn = mask?.row(row)
      @inline(always)
      func split(_ column: Int, _ count: Int) {
        let d = Vector.load(ds + column, count: count)
        if let drawn {
          let isKept = Vector.load(drawn + column, count: count) .== zero
          zero.replacing(with: d, where: isKept).store(direct + column, count: count)
          d.replacing(with: zero, where: isKept).store(ds + column, count: count)
        } else {
          (d * Vector(repeating: rate)).store(direct + column, count: count)
          (d * Vector(repeating: 1 - rate)).store(ds + column, count: count)
        }
      }
      forEachVector(in: gradient.columns, split)
    }
  }
}
