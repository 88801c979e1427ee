import KernelInterface

extension VectorKernels: LossKernels {
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
      let greatest = greatestElement(values, count: classes)
      let targetLogit = values[target] - greatest
      let isFirst = targetLogit == 0 && !contains(greatest, in: values, count: target)

      let shift = Vector(repeating: greatest)
      var exponentials = Vector(repeating: 0)
      var shifted = Vector(repeating: 0)
      forEachVector(in: classes) { column, count in
        let x = (Vector.load(values + column, count: count) - shift).keeping(first: count)
        let e = exponential(x).keeping(first: count)
        shifted += x
        exponentials += e
        if gradientScale != 0 { e.store(values + column, count: count) }
      }
      let sum = exponentials.total
      var loss = naturalLogarithm(Vector(repeating: sum))[0] - (1 - labelSmoothing) * targetLogit
      if labelSmoothing > 0 { loss -= uniform * shifted.total }
      losses[0, row] = loss
      correct[0, row] = isFirst && loss == loss ? 1 : 0

      if gradientScale != 0 {
        let factor = Vector(repeating: gradientScale / sum)
        let smoothing = Vector(repeating: -gradientScale * uniform)
        forEachVector(in: classes) { column, count in
          multiplyAdd(Vector.load(values + column, count: count), factor, smoothing)
            .store(values + column, count: count)
        }
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
      let shift = Vector(repeating: greatestElement(values, count: classes))
      var exponentials = Vector(repeating: 0)
      forEachVector(in: classes) { column, count in
        let e = exponential(Vector.load(values + column, count: count) - shift).keeping(first: count)
        exponentials += e
        e.store(values + column, count: count)
      }
      let factor = Vector(repeating: 1 / exponentials.total)
      forEachVector(in: classes) { column, count in
        (Vector.load(values + column, count: count) * factor).store(values + column, count: count)
      }
      for column in classes..<logits.columns { values[column] = 0 }
    }
  }

  @inline(never)
  package static func squaredError(
    predictions: Matrix, targets: Matrix, weights: Matrix?, width: Int, gradientScale: Float, losses: Matrix
  ) {
    elementwiseLoss(predictions, targets, weights, width, gradientScale, losses) { prediction, target in
      let difference = prediction - target
      return (difference * difference, difference + difference)
    }
  }

  @inline(never)
  package static func absoluteError(
    predictions: Matrix, targets: Matrix, weights: Matrix?, width: Int, gradientScale: Float, losses: Matrix
  ) {
    elementwiseLoss(predictions, targets, weights, width, gradientScale, losses) { prediction, target in
      let difference = prediction - target
      // Zero and NaN stay as they are.
      let zero = Vector(repeating: 0)
      let sign = difference.replacing(with: Vector(repeating: 1), where: difference .> zero)
        .replacing(with: Vector(repeating: -1), where: difference .< zero)
      return (difference.magnitude, sign)
    }
  }

  @inline(never)
  package static func binaryCrossEntropy(
    predictions: Matrix, targets: Matrix, weights: Matrix?, width: Int, gradientScale: Float, losses: Matrix
  ) {
    elementwiseLoss(predictions, targets, weights, width, gradientScale, losses) { logit, target in
      // max(x, 0) − x·t + ln(1 + e^−|x|): nothing overflows and nothing large cancels.
      let positive = logit.atLeast(Vector(repeating: 0))
      let remainder = naturalLogarithmOfOnePlus(exponential(logit.magnitude.negated))
      return (multiplyAdd(logit.negated, target, positive) + remainder, logistic(logit) - target)
    }
  }

  /// Sums `function`'s first result over a position's features and writes its second, the derivative.
  @inline(__always)
  private static func elementwiseLoss(
    _ predictions: Matrix, _ targets: Matrix, _ weights: Matrix?, _ width: Int, _ gradientScale: Float,
    _ losses: Matrix, _ function: (Vector, Vector) -> (loss: Vector, derivative: Vector)
  ) {
    assert(width <= predictions.columns && width <= targets.columns && predictions.rows == targets.rows)
    for row in 0..<predictions.rows {
      let values = predictions.row(row)
      let wanted = targets.row(row)
      let weight = weights?[0, row] ?? 1
      guard weight != 0 else {
        losses[0, row] = 0
        if gradientScale != 0 { values.update(repeating: 0, count: predictions.columns) }
        continue
      }
      let scale = Vector(repeating: gradientScale * weight)
      var sum = Vector(repeating: 0)
      forEachVector(in: width) { column, count in
        let (loss, derivative) = function(
          Vector.load(values + column, count: count), Vector.load(wanted + column, count: count))
        sum += loss.keeping(first: count)
        if gradientScale != 0 { (derivative * scale).store(values + column, count: count) }
      }
      losses[0, row] = weight * sum.total
      if gradientScale != 0 {
        for column in width..<predictions.columns { values[column] = 0 }
      }
    }
  }
}

/// The greatest of `count` elements, at least one; where some are NaN, NaN or the greatest of the others.
@inline(__always)
private func greatestElement(_ values: UnsafePointer<Float>, count: Int) -> Float {
  var greatest = Vector(repeating: values[0])
  let whole = count & ~(Vector.scalarCount - 1)
  var start = 0
  while start < whole {
    let next = Vector.load(values + start)
    greatest = greatest.replacing(with: next, where: next .> greatest)
    start += Vector.scalarCount
  }
  var result = greatest.greatest
  for index in whole..<count where values[index] > result { result = values[index] }
  return result
}

/// Whether one of the first `count` elements equals `value`.
@inline(__always)
private func contains(_ value: Float, in values: UnsafePointer<Float>, count: Int) -> Bool {
  var found = Vector(repeating: 0)
  forEachVector(in: count) { start, count in
    let equal = Vector.load(values + start, count: count) .== Vector(repeating: value)
    found += Vector(repeating: 0).replacing(with: Vector(repeating: 1), where: equal).keeping(first: count)
  }
  return found.total > 0
}
