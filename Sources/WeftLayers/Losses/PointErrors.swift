extension LossType {
  /// (y − t)².
  public static let squaredError = LossType(
    name: "squared-error", targets: .values(),
    evaluate: { _, pass in
      pass.kernels.squaredError(
        predictions: pass.outputs, targets: pass.values, weights: nil, width: pass.outputs.columns,
        gradientScale: pass.scale, losses: pass.losses)
    })

  /// |y − t|.
  public static let absoluteError = LossType(
    name: "absolute-error", targets: .values(),
    evaluate: { _, pass in
      pass.kernels.absoluteError(
        predictions: pass.outputs, targets: pass.values, weights: nil, width: pass.outputs.columns,
        gradientScale: pass.scale, losses: pass.losses)
    })

  /// Of independent yes-or-no classes, after a sigmoid.
  public static let binaryCrossEntropy = LossType(
    name: "binary-cross-entropy", targets: .values(0...1),
    evaluate: { _, pass in
      pass.kernels.binaryCrossEntropy(
        predictions: pass.outputs, targets: pass.values, weights: nil, width: pass.outputs.columns,
        gradientScale: pass.scale, losses: pass.losses)
    })
}
