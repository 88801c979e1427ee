import Foundation

extension LossType {
  /// (y − t)².
  public static let squaredError = LossType(
    name: "squared-error", targets: .values(),
    evaluate: { _, pass in
      pass.kernels.squaredError(pass.operands)
    })

  /// |y − t|.
  public static let absoluteError = LossType(
    name: "absolute-error", targets: .values(),
    evaluate: { _, pass in
      pass.kernels.absoluteError(pass.operands)
    })

  /// Cross-entropy of independent binary targets, after a sigmoid.
  public static let binaryCrossEntropy = LossType(
    name: "binary-cross-entropy", targets: .values(0...1), options: ["positive_weight", "focal_gamma"],
    evaluate: { loss, pass in
      if loss.positiveWeights.isEmpty, loss.focus == 0 {
        return pass.kernels.binaryCrossEntropy(pass.operands)
      }
      let width = pass.values.columns
      let weights = pass.shard.arena.matrix(rows: 1, columns: width)
      for column in 0..<width {
        weights[0, column] =
          loss.positiveWeights.isEmpty ? 1 : loss.positiveWeights[column % loss.positiveWeights.count]
      }
      pass.kernels.weightedBinaryCrossEntropy(
        pass.operands, positiveWeights: weights, focus: loss.focus)
    })

  /// ½(y − t)² up to an error δ, and linear beyond it (Huber 1964).
  public static let huber = LossType(
    name: "huber", targets: .values(), options: ["huber_delta"],
    evaluate: { loss, pass in
      pass.kernels.huberLoss(pass.operands, threshold: loss.huberThreshold)
    })

  /// Half the deviance of a Tweedie distribution with mean eˣ and variance proportional to its p-th power, for amounts
  /// that are often 0 (Jørgensen 1987).
  public static let tweedie = LossType(
    name: "tweedie", targets: .values(0...Float.greatestFiniteMagnitude), options: ["tweedie_power"],
    evaluate: { loss, pass in
      pass.kernels.tweedieLoss(pass.operands, power: loss.tweediePower)
    },
    distribution: { _, parameters in .point(exp(parameters[0])) })
}
