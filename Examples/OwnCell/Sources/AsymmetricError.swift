import Weft

/// An error that costs more where the prediction is too low, as for a stock that must not run out: w·(y − t)², w = 4
/// where y < t and 1 elsewhere.
struct AsymmetricError: CustomLoss {
  let name = "asymmetric-error"

  func evaluate(prediction: Float, target: Float) -> (loss: Float, derivative: Float) {
    let error = prediction - target
    let weight: Float = error < 0 ? 4 : 1
    return (weight * error * error, 2 * weight * error)
  }
}
