/// How the blocks of a model fit one another.
extension BlockConfiguration {
  /// What is wrong with a list of blocks, with the number of the block; nil for nothing.
  ///
  /// - Parameter inputs: Features per position of the first block's input; nil if they are not known yet.
  package static func problem(in blocks: [BlockConfiguration], inputs: Int? = nil) -> String? {
    var inputs = inputs
    var isPooled = false
    for (index, block) in blocks.enumerated() {
      guard let type = block.type else { return "block \(index + 1): has no type" }
      if isPooled, type.needsSequences {
        return "block \(index + 1): '\(type.key)' follows 'pool', which leaves one step of each sequence"
      }
      let outputs = type.size(block, inputs ?? 1).outputs
      if block.isResidual || block.isHighway, let inputs, inputs != outputs {
        return "block \(index + 1): '\(block.isResidual ? "residual" : "highway")' needs as many outputs,"
          + " \(outputs), as inputs, \(inputs)"
      }
      isPooled = isPooled || block.pool != nil
      // Blocks that keep the number of features leave it unknown.
      inputs = inputs == nil && type.size(block, 2).outputs != outputs ? nil : outputs
    }
    return nil
  }

  /// Features per position after the last block, and weights of all, for a number of input features.
  package static func size(of blocks: [BlockConfiguration], inputs: Int) -> BlockSize {
    blocks.reduce(BlockSize(outputs: inputs, weights: 0)) { size, block in
      let next = block.type?.size(block, size.outputs) ?? BlockSize(outputs: size.outputs, weights: 0)
      let (weights, overflow) = size.weights.addingReportingOverflow(next.weights)
      return BlockSize(outputs: next.outputs, weights: overflow ? .max : weights)
    }
  }

  /// For example `lstm 128` or `dense 32`.
  package var summary: String {
    if let cell, let hidden {
      return (isBidirectional ? "bidirectional " : isBackward ? "backward " : "") + "\(cell.name) \(hidden)"
    }
    let key = Self.keys.first { $0.path == type?.key }
    return "\(key?.path ?? "") \(key?.text(self) ?? "")"
  }

  /// Time steps of the output of a sequence with so many steps, at least 1.
  package func outputLength(_ length: Int) -> Int {
    if pool != nil { return 1 }
    guard readsWindows, let width else { return length }
    return StepWindow(width: width, stride: stride, dilation: dilation, padding: padding).outputLength(length)
  }

  /// Whether each output is computed from a window of steps.
  package var readsWindows: Bool { convolution != nil || pooling != nil }

  /// Whether outputs depend on later steps.
  package var readsLaterSteps: Bool { type?.readsLaterSteps(self) ?? false }
}
