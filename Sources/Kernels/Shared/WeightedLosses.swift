import KernelInterface

/// Losses that weight targets, or those that are predicted badly.
///
/// Binary cross-entropy with weights w of positive targets and the focus γ (focal loss, Lin et al. 2017), with
/// p = σ(x) and s(x) = ln(1 + eˣ), so that ln p = −s(−x) and ln(1 − p) = −s(x):
///
///     forward     L = Σ w·t·(1 − p)^γ·s(−x) + (1 − t)·p^γ·s(x)
///     backward    dx = −w·t·(1 − p)^γ·(γ·p·s(−x) + 1 − p) + (1 − t)·p^γ·(γ·(1 − p)·s(x) + p)
///
/// A cross-entropy ℓ of one output, p = e^−ℓ, with the weight w of its target:
///
///     forward     L = w·(1 − p)^γ·ℓ
///     backward    dy = w·((1 − p)^γ + γ·p·(1 − p)^(γ−1)·ℓ)·dℓ/dy
extension VectorKernels {
  @inline(never)
  package static func weightedBinaryCrossEntropy(
    _ operands: LossOperands, positiveWeights: Matrix, focus: Float
  ) {
    assert(positiveWeights.columns >= operands.width)
    let isDifferentiated = operands.gradientScale != 0
    let one = Vector(repeating: 1)
    let gamma = Vector(repeating: focus)
    @inline(always)
    func evaluate(
      _ values: UnsafeMutablePointer<Float>, _ target: Vector, _ scale: Vector, _ column: Int, _ count: Int
    ) -> Vector {
      let logit = Vector.load(values, count: count)
      let weight = Vector.load(positiveWeights.row(0) + column, count: count)
      let remainder = naturalLogarithmOfOnePlus(exponential(logit.magnitude.negated))
      let positiveLoss = logit.negated.atLeast(Vector(repeating: 0)) + remainder
      let negativeLoss = logit.atLeast(Vector(repeating: 0)) + remainder
      var positive = weight * target
      var negative = one - target
      if focus > 0 {
        positive *= exponential((gamma * negativeLoss).negated)
        negative *= exponential((gamma * positiveLoss).negated)
      }
      if isDifferentiated {
        let p = logistic(logit)
        let complement = logistic(logit.negated)
        let derivative =
          negative * multiplyAdd(gamma * complement, negativeLoss, p)
          - positive * multiplyAdd(gamma * p, positiveLoss, complement)
        (derivative * scale).whereKnown(target).store(values, count: count)
      }
      return multiplyAdd(positive, positiveLoss, negative * negativeLoss)
    }
    sumLosses(operands, blocks: 1, evaluate)
  }

  @inline(never)
  package static func weightLosses(
    _ losses: Matrix, gradients: Matrix?, weights: [Float], focus: Float
  ) {
    assert(losses.columns >= weights.count && gradients?.rows ?? weights.count == weights.count)
    let row = losses.row(0)
    let gamma = Vector(repeating: focus)
    weights.withUnsafeBufferPointer { weights in
      guard let base = weights.baseAddress else { return }
      @inline(always)
      func weight(_ start: Int, _ count: Int) {
        let loss = Vector.load(row + start, count: count)
        var factor = Vector.load(base + start, count: count)
        var gradientFactor = factor
        if focus > 0 {
          let p = exponential(loss.negated)
          let complement = (Vector(repeating: 1) - p).atLeast(Vector(repeating: 1e-7))
          let power = exponential(gamma * naturalLogarithm(complement))
          gradientFactor *= multiplyAdd(gamma * p * power / complement, loss, power)
          factor *= power
        }
        (factor * loss).store(row + start, count: count)
        guard let gradients else { return }
        for place in 0..<count {
          let values = gradients.row(start + place)
          let own = Vector(repeating: gradientFactor[place])
          @inline(always)
          func scale(_ column: Int, _ count: Int) {
            (Vector.load(values + column, count: count) * own).store(values + column, count: count)
          }
          forEachVector(in: gradients.columns, scale)
        }
      }
      forEachVector(in: weights.count, weight)
    }
  }
}
