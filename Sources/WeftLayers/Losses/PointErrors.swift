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
    name: "binary-cross-entropy", targets: .values(0...1),
    evaluate: { _, pass in
      pass.kernels.binaryCrossEntropy(pass.operands)
    })
}
