import KernelInterface

/// Losses of real-valued targets t, with predictions y, or logits x:
///
///     squared error           forward     L = Σ (y − t)²
///                             backward    dy = 2(y − t)
///     absolute error          forward     L = Σ |y − t|
///                             backward    dy = sign(y − t), 0 at y = t
///     Huber, threshold δ      forward     L = Σ ½(y − t)² where |y − t| ≤ δ;  δ(|y − t| − ½δ) elsewhere
///                             backward    dy = y − t, limited to ±δ
///     Poisson, rate eˣ        forward     L = Σ eˣ − t·x
///                             backward    dx = eˣ − t
///     Tweedie, mean eˣ        forward     L = Σ e^((2 − p)x) / (2 − p) − t·e^((1 − p)x) / (1 − p)
///                             backward    dx = e^((2 − p)x) − t·e^((1 − p)x)
///     binary cross-entropy    forward     L = Σ −t·ln σ(x) − (1 − t)·ln(1 − σ(x))
///                                           = Σ max(x, 0) − x·t + ln(1 + e^−|x|)
///                             backward    dx = σ(x) − t
///
/// In the last form of the binary cross-entropy nothing overflows and nothing large cancels.
extension VectorKernels {
  @inline(never)
  package static func squaredError(_ operands: LossOperands) {
    @inline(always)
    func loss(_ prediction: Vector, _ target: Vector) -> (loss: Vector, derivative: Vector) {
      let difference = prediction - target
      return (difference * difference, difference + difference)
    }
    elementwiseLoss(operands, loss)
  }

  @inline(never)
  package static func absoluteError(_ operands: LossOperands) {
    @inline(always)
    func loss(_ prediction: Vector, _ target: Vector) -> (loss: Vector, derivative: Vector) {
      let difference = prediction - target
      return (difference.magnitude, selectBySign(difference, positive: 1, negative: -1))
    }
    elementwiseLoss(operands, loss)
  }

  @inline(never)
  package static func huberLoss(_ operands: LossOperands, threshold: Float) {
    @inline(always)
    func loss(_ prediction: Vector, _ target: Vector) -> (loss: Vector, derivative: Vector) {
      let difference = prediction - target
      let (positive, negative) = (Vector(repeating: threshold), Vector(repeating: -threshold))
      // Comparisons with NaN are false, so that it stays.
      let limited = difference.atMost(positive).atLeast(negative)
      let half = Vector(repeating: 0.5)
      return (limited * (difference - half * limited), limited)
    }
    elementwiseLoss(operands, loss)
  }

  @inline(never)
  package static func poissonLoss(_ operands: LossOperands) {
    @inline(always)
    func loss(_ logarithm: Vector, _ target: Vector) -> (loss: Vector, derivative: Vector) {
      let rate = exponential(logarithm)
      return (multiplyAdd(target.negated, logarithm, rate), rate - target)
    }
    elementwiseLoss(operands, loss)
  }

  @inline(never)
  package static func tweedieLoss(_ operands: LossOperands, power: Float) {
    let (first, second) = (1 - power, 2 - power)
    @inline(always)
    func loss(_ logarithm: Vector, _ target: Vector) -> (loss: Vector, derivative: Vector) {
      let below = exponential(logarithm * Vector(repeating: first)) * target
      let above = exponential(logarithm * Vector(repeating: second))
      return (
        multiplyAdd(below, Vector(repeating: -1 / first), above * Vector(repeating: 1 / second)),
        above - below
      )
    }
    elementwiseLoss(operands, loss)
  }

  @inline(never)
  package static func binaryCrossEntropy(_ operands: LossOperands) {
    @inline(always)
    func loss(_ logit: Vector, _ target: Vector) -> (loss: Vector, derivative: Vector) {
      let positive = logit.atLeast(Vector(repeating: 0))
      let remainder = naturalLogarithmOfOnePlus(exponential(logit.magnitude.negated))
      return (multiplyAdd(logit.negated, target, positive) + remainder, logistic(logit) - target)
    }
    elementwiseLoss(operands, loss)
  }

  /// `sumLosses` of a loss and its derivative by the only prediction of a target.
  @inline(always)
  private static func elementwiseLoss(
    _ operands: LossOperands, _ loss: (Vector, Vector) -> (loss: Vector, derivative: Vector)
  ) {
    let isDifferentiated = operands.gradientScale != 0
    @inline(always)
    func evaluate(
      _ values: UnsafeMutablePointer<Float>, _ target: Vector, _ scale: Vector, _ count: Int
    ) -> Vector {
      let (loss, derivative) = loss(Vector.load(values, count: count), target)
      if isDifferentiated { (derivative * scale).whereKnown(target).store(values, count: count) }
      return loss
    }
    sumLosses(operands, blocks: 1, evaluate)
  }
}
