import KernelInterface

/// Softmax and its cross-entropy with label smoothing (Szegedy et al. 2016, section 7), of logits x of C classes and a
/// target class t:
///
///     forward     pₖ = softmax(x)ₖ = e^(xₖ − m) / S,  S = Σⱼ e^(xⱼ − m),  m = max x
///                 qₖ = (1 − ε)·[k = t] + ε/C
///                 L = −Σₖ qₖ·ln pₖ = ln S − (1 − ε)·(xₜ − m) − ε/C·Σₖ (xₖ − m)
///     backward    dx = p − q
///
/// In the last form of L masked classes, with logits of −∞, do not count where ε = 0.
extension VectorKernels {
  @inline(never)
  package static func softmaxCrossEntropy(
    logits: Matrix, classes: Int, targets: [Int32], labelSmoothing: Float, gradientScale: Float,
    losses: Matrix, correct: Matrix
  ) {
    assert(targets.count == logits.rows && classes > 0 && classes <= logits.columns)
    let uniform = labelSmoothing / Float(classes)
    for row in 0..<logits.rows {
      let values = logits.row(row)
      let target = Int(targets[row])
      guard target >= 0 else {
        losses[0, row] = 0
        correct[0, row] = 0
        if gradientScale != 0 { values.update(repeating: 0, count: logits.columns) }
        continue
      }
      let maximum = maximumElement(values, count: classes)
      let targetLogit = values[target] - maximum
      let isFirst = targetLogit == 0 && !contains(maximum, in: values, count: target)

      let shift = Vector(repeating: maximum)
      var exponentials = Vector(repeating: 0)
      var shifted = Vector(repeating: 0)
      @inline(always)
      func exponentiate(_ column: Int, _ count: Int) {
        let x = (Vector.load(values + column, count: count) - shift).keeping(first: count)
        let e = exponential(x).keeping(first: count)
        shifted += x
        exponentials += e
        if gradientScale != 0 { e.store(values + column, count: count) }
      }
      forEachVector(in: classes, exponentiate)
      let sum = exponentials.total
      var loss = scalarLogarithm(sum) - (1 - labelSmoothing) * targetLogit
      if labelSmoothing > 0 { loss -= uniform * shifted.total }
      losses[0, row] = loss
      correct[0, row] = isFirst && loss == loss ? 1 : 0

      if gradientScale != 0 {
        let factor = Vector(repeating: gradientScale / sum)
        let smoothing = Vector(repeating: -gradientScale * uniform)
        @inline(always)
        func differentiate(_ column: Int, _ count: Int) {
          multiplyAdd(Vector.load(values + column, count: count), factor, smoothing)
            .store(values + column, count: count)
        }
        forEachVector(in: classes, differentiate)
        values[target] -= gradientScale * (1 - labelSmoothing)
        for column in classes..<logits.columns { values[column] = 0 }
      }
    }
  }

  @inline(never)
  package static func softmax(_ logits: Matrix, classes: Int) {
    assert(classes > 0 && classes <= logits.columns)
    for row in 0..<logits.rows { softmaxRow(logits.row(row), count: classes, columns: logits.columns) }
  }
}
