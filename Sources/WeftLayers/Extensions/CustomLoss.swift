import KernelInterface

/// A loss of one's own, of numbers that are predicted one by one.
///
/// A registered loss (``LossType/register(_:)``) is chosen by its name, in code or in a configuration. Missing targets,
/// weights, and means over minibatches are Weft's concern.
public protocol CustomLoss: Sendable {
  /// The name in configurations: lower-case letters, digits and hyphens.
  var name: String { get }
  /// The range of targets; nil for any finite number (default: nil).
  var targetRange: ClosedRange<Float>? { get }

  /// The loss of a prediction, and its derivative with respect to the prediction. Both are of the scaled numbers if
  /// `data.scaling` scales the targets.
  func evaluate(prediction: Float, target: Float) -> (loss: Float, derivative: Float)
}

extension CustomLoss {
  /// Any finite number.
  public var targetRange: ClosedRange<Float>? { nil }
}

extension LossPass {
  /// As the kernels of losses do, see `LossKernels`: the sum over an output's targets, in their order.
  func evaluate(_ loss: some CustomLoss) {
    let targets = values
    for row in 0..<outputs.rows {
      var sum: Float = 0
      for column in 0..<targets.columns {
        let target = targets[row, column]
        let result = target.isNaN ? (0, 0) : loss.evaluate(prediction: outputs[row, column], target: target)
        sum += result.0
        if scale != 0 { outputs[row, column] = scale * result.1 }
      }
      losses[0, row] = sum
      if scale == 0 { continue }
      for column in targets.columns..<max(targets.columns, outputs.columns) { outputs[row, column] = 0 }
    }
  }
}
