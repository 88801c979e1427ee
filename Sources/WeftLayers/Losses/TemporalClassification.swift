extension LossType {
  /// Connectionist temporal classification (CTC), for label sequences that are not aligned to the steps.
  public static let ctc = LossType(
    name: "ctc", targets: .labels, options: ["blank"],
    // Without an explicit blank, one class is added for it.
    outputsForClasses: { loss, classes in loss.blank == nil ? classes + 1 : classes },
    evaluate: { loss, pass in
      let labels = pass.labels
      pass.kernels.ctcLoss(
        logits: pass.outputs, classes: pass.outputs.columns, blank: loss.blank ?? pass.outputs.columns - 1,
        sequences: labels, gradientScale: pass.scale, losses: pass.losses,
        scratch: pass.shard.arena.scratch(
          byteCount: pass.kernels.ctcScratchByteCount(labels, classes: pass.outputs.columns)))
      for sequence in 0..<labels.count where !labels.hasAlignment(sequence) { pass.losses[0, sequence] = 0 }
    })
}
