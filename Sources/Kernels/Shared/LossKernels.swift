import KernelInterface

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
    for row in 0..<logits.rows {
      let values = logits.row(row)
      let shift = Vector(repeating: maximumElement(values, count: classes))
      var exponentials = Vector(repeating: 0)
      @inline(always)
      func exponentiate(_ column: Int, _ count: Int) {
        let e = exponential(Vector.load(values + column, count: count) - shift).keeping(first: count)
        exponentials += e
        e.store(values + column, count: count)
      }
      forEachVector(in: classes, exponentiate)
      let factor = Vector(repeating: 1 / exponentials.total)
      @inline(always)
      func divide(_ column: Int, _ count: Int) {
        (Vector.load(values + column, count: count) * factor).store(values + column, count: count)
      }
      forEachVector(in: classes, divide)
      for column in classes..<logits.columns { values[column] = 0 }
    }
  }

  @inline(never)
  package static func squaredError(
    predictions: Matrix, targets: Matrix, weights: Matrix?, width: Int, gradientScale: Float, losses: Matrix
  ) {
    @inline(always)
    func loss(_ prediction: Vector, _ target: Vector) -> (loss: Vector, derivative: Vector) {
      let difference = prediction - target
      return (difference * difference, difference + difference)
    }
    elementwiseLoss(predictions, targets, weights, width, gradientScale, losses, loss)
  }

  @inline(never)
  package static func absoluteError(
    predictions: Matrix, targets: Matrix, weights: Matrix?, width: Int, gradientScale: Float, losses: Matrix
  ) {
    @inline(always)
    func loss(_ prediction: Vector, _ target: Vector) -> (loss: Vector, derivative: Vector) {
      let difference = prediction - target
      // Zero and NaN stay as they are.
      let zero = Vector(repeating: 0)
      let sign = difference.replacing(with: Vector(repeating: 1), where: difference .> zero)
        .replacing(with: Vector(repeating: -1), where: difference .< zero)
      return (difference.magnitude, sign)
    }
    elementwiseLoss(predictions, targets, weights, width, gradientScale, losses, loss)
  }

  @inline(never)
  package static func binaryCrossEntropy(
    predictions: Matrix, targets: Matrix, weights: Matrix?, width: Int, gradientScale: Float, losses: Matrix
  ) {
    @inline(always)
    func loss(_ logit: Vector, _ target: Vector) -> (loss: Vector, derivative: Vector) {
      // max(x, 0) − x·t + ln(1 + e^−|x|): nothing overflows and nothing large cancels.
      let positive = logit.atLeast(Vector(repeating: 0))
      let remainder = naturalLogarithmOfOnePlus(exponential(logit.magnitude.negated))
      return (multiplyAdd(logit.negated, target, positive) + remainder, logistic(logit) - target)
    }
    elementwiseLoss(predictions, targets, weights, width, gradientScale, losses, loss)
  }

  /// Sums `function`'s first result over a position's features and writes its second, the derivative.
  @inline(always)
  private static func elementwiseLoss(
    _ predictions: Matrix, _ targets: Matrix, _ weights: Matrix?, _ width: Int, _ gradientScale: Float,
    _ losses: Matrix, _ function: (Vector, Vector) -> (loss: Vector, derivative: Vector)
  ) {
    @inline(always)
    func evaluate(
      _ values: UnsafeMutablePointer<Float>, _ target: Vector, _ scale: Vector, _ count: Int
    ) -> Vector {
      let (loss, derivative) = function(Vector.load(values, count: count), target)
      if gradientScale != 0 { (derivative * scale).whereKnown(target).store(values, count: count) }
      return loss
    }
    blockLoss(predictions, targets, weights, width, 1, gradientScale, losses, evaluate)
  }
}

/// The maximum of `count` elements, at least one; where some are NaN, NaN or the maximum of the others.
@inline(never)
func maximumElement(_ values: UnsafePointer<Float>, count: Int) -> Float {
  var maxima = Vector(repeating: values[0])
  let whole = count & ~(Vector.scalarCount - 1)
  var start = 0
  while start < whole {
    let next = Vector.load(values + start)
    maxima = maxima.replacing(with: next, where: next .> maxima)
    start += Vector.scalarCount
  }
  var result = maxima.maximum
  for index in whole..<count where values[index] > result { result = values[index] }
  return result
}

/// Whether one of the first `count` elements equals `value`.
@inline(never)
private func contains(_ value: Float, in values: UnsafePointer<Float>, count: Int) -> Bool {
  var found = Vector(repeating: 0)
  @inline(always)
  func compare(_ start: Int, _ count: Int) {
    let equal = Vector.load(values + start, count: count) .== Vector(repeating: value)
    found += Vector(repeating: 0).replacing(with: Vector(repeating: 1), where: equal).keeping(first: count)
  }
  forEachVector(in: count, compare)
  return found.total > 0
}

/// ln(x), as `naturalLogarithm`.
@inline(never)
func scalarLogarithm(_ x: Float) -> Float { naturalLogarithm(Vector(repeating: x))[0] }
