import KernelInterface

/// sLSTM (Beck et al. 2024). Gates i, f, z, o side by side, from a = W x + b + R h₋₁:
///
///     forward     p = ln σ(a_f) + m₋₁;  m = max(p, a_i), or a_i where n₋₁ = 0
///                 k = exp(min(p − m, 0));  e = exp(a_i − m);  z = tanh(a);  o = σ(a)
///                 c = k∘c₋₁ + e∘z;  n = k∘n₋₁ + e;  h = o∘c/n
///     backward    do = dh∘c/n;  dc += dh∘o/n;  dn −= dh∘o∘c/n²
///                 K = k∘(c₋₁∘dc + n₋₁∘dn) where p < m or m = p is not clamped;  E = e∘(z∘dc + dn)
///                 where m = p:    dp = dm − E;  da_i = E
///                 where m = a_i:  dp = K;  da_i = dm − K
///                 da_f = dp∘(1 − σ(a_f));  da_z = dc∘e∘(1 − z²);  da_o = do∘o∘(1 − o)
///                 dc₋₁ = k∘dc;  dn₋₁ = k∘dn;  dm₋₁ = dp
///
/// m is differentiated like any other state: its gradients cancel in those of h, which does not depend on it. n is at
/// least the smaller of n₋₁ and 1 once it is not zero.
extension VectorKernels {
  @inline(never)
  package static func slstmForward(gates: Matrix, previousCell: Matrix, cell: Matrix, hidden: Matrix) {
    let units = hidden.columns
    let padded = VectorWidth.padded(units)
    for row in 0..<gates.rows {
      let (a, old, new, h) = (gates.row(row), previousCell.row(row), cell.row(row), hidden.row(row))
      @inline(always)
      func step(_ unit: Int, _ count: Int) {
        let input = Vector.load(a + unit)
        let part = SLSTMStep(
          input: input, forget: Vector.load(a + padded + unit), old: old + unit, units: units, count: count)
        let z = hyperbolicTangent(Vector.load(a + 2 * padded + unit))
        let o = logistic(Vector.load(a + 3 * padded + unit))
        z.store(a + 2 * padded + unit)
        o.store(a + 3 * padded + unit)
        let c = multiplyAdd(part.kept, part.cell, part.added * z)
        let n = multiplyAdd(part.kept, part.normalizer, part.added)
        c.store(new + unit, count: count)
        n.store(new + units + unit, count: count)
        part.stabilizer.store(new + 2 * units + unit, count: count)
        (o * (c / n)).keeping(first: count).store(h + unit)
      }
      forEachVector(in: units, step)
    }
  }

  @inline(never)
  package static func slstmBackward(
    gates: Matrix, previousCell: Matrix, cell: Matrix, hiddenGradient: Matrix, cellGradient: Matrix
  ) {
    let units = hiddenGradient.columns
    let padded = VectorWidth.padded(units)
    let one = Vector(repeating: 1)
    let zero = Vector(repeating: 0)
    for row in 0..<gates.rows {
      let (a, old, new) = (gates.row(row), previousCell.row(row), cell.row(row))
      let (dh, dState) = (hiddenGradient.row(row), cellGradient.row(row))
      @inline(always)
      func step(_ unit: Int, _ count: Int) {
        let (inputs, forgets) = (a + unit, a + padded + unit)
        let input = Vector.load(inputs)
        let forget = Vector.load(forgets)
        let part = SLSTMStep(input: input, forget: forget, old: old + unit, units: units, count: count)
        let z = Vector.load(a + 2 * padded + unit)
        let o = Vector.load(a + 3 * padded + unit)
        let c = Vector.load(new + unit, count: count)
        let n = Vector.load(new + units + unit, count: count)
        // Beyond the units there are zeros, which are not to be divided by.
        let inverse = one / n.replacing(with: one, where: n .== zero)
        let ratio = c * inverse
        let gradient = Vector.load(dh + unit, count: count)
        let through = gradient * o * inverse
        let dc = Vector.load(dState + unit, count: count) + through
        let dn = Vector.load(dState + units + unit, count: count) - through * ratio
        let dm = Vector.load(dState + 2 * units + unit, count: count)
        let (keptGradient, addedGradient) = part.gradients(dc: dc, dn: dn, z: z)
        let carried = keptGradient.replacing(with: dm - addedGradient, where: part.isCarried)
        let da = (dm - keptGradient).replacing(with: addedGradient, where: part.isCarried)
        da.keeping(first: count).store(inputs)
        (carried * logistic(forget.negated)).keeping(first: count).store(forgets)
        tanhGradient(dc * part.added, output: z).keeping(first: count).store(a + 2 * padded + unit)
        logisticGradient(gradient * ratio, output: o).keeping(first: count).store(a + 3 * padded + unit)
        (part.kept * dc).store(dState + unit, count: count)
        (part.kept * dn).store(dState + units + unit, count: count)
        carried.store(dState + 2 * units + unit, count: count)
      }
      forEachVector(in: units, step)
    }
  }
}

/// What a step keeps of the state before it and adds to it.
private struct SLSTMStep {
  /// c₋₁ and n₋₁.
  let cell, normalizer: Vector
  /// m, k and e.
  let stabilizer, kept, added: Vector
  /// Where m = p.
  let isCarried: SIMDMask<SIMD16<Int32>>
  /// Where p exceeds m, so that k is constant.
  private let isClamped: SIMDMask<SIMD16<Int32>>

  /// - Parameters:
  ///   - old: c₋₁, with n₋₁ and m₋₁ `units` and twice that many elements after it.
  ///   - count: Elements that are read.
  @inline(always)
  init(input: Vector, forget: Vector, old: UnsafeMutablePointer<Float>, units: Int, count: Int) {
    let zero = Vector(repeating: 0)
    cell = Vector.load(old, count: count)
    normalizer = Vector.load(old + units, count: count)
    let carried = Vector.load(old + 2 * units, count: count) - softplus(forget.negated)
    isCarried = (carried .> input) .& (normalizer .!= zero)
    stabilizer = input.replacing(with: carried, where: isCarried)
    let distance = carried - stabilizer
    isClamped = distance .> zero
    kept = exponential(distance.atMost(zero))
    added = exponential(input - stabilizer)
  }

  /// K and E.
  @inline(always)
  func gradients(dc: Vector, dn: Vector, z: Vector) -> (kept: Vector, added: Vector) {
    let through = kept * multiplyAdd(cell, dc, normalizer * dn)
    return (
      through.replacing(with: Vector(repeating: 0), where: isClamped), added * multiplyAdd(z, dc, dn)
    )
  }
}
