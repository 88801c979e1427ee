extension LossType {
  /// Cross-entropy of a softmax over classes.
  public static let crossEntropy = LossType(
    name: "cross-entropy", targets: .classes, options: ["label_smoothing", "class_weights", "focal_gamma"],
    evaluate: { loss, pass in
      pass.kernels.softmaxCrossEntropy(
        logits: pass.outputs, classes: pass.outputs.columns, targets: pass.classes,
        labelSmoothing: loss.labelSmoothing, gradientScale: pass.scale, losses: pass.losses,
        correct: pass.correct)
    })
}
