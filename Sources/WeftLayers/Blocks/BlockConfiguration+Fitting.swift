/// How the blocks of a model fit one another.
extension BlockConfiguration {
  /// What is wrong with a list of blocks, with the number of the block; nil for nothing.
  ///
  /// - Parameter inputs: Features per position of the first block's input; nil if they are not known yet.
  package static func problem(in blocks: [BlockConfiguration], inputs: Int? = nil) -> String? {
    problem(in: blocks, inputs: inputs, isPooled: false, depth: 0)
  }

  private static func problem(
    in blocks: [BlockConfiguration], inputs: Int?, isPooled: Bool, depth: Int
  ) -> String? {
    var (inputs, isPooled) = (inputs, isPooled)
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
      if let problem = block.branchProblem(inputs: inputs, isPooled: isPooled, depth: depth) {
        return "block \(index + 1): \(problem)"
      }
      isPooled = isPooled || block.leavesOneStep
      // Blocks that keep the number of features leave it unknown.
      inputs = inputs == nil && type.size(block, 2).outputs != outputs ? nil : outputs
    }
    return nil
  }

  /// What is wrong with the blocks in the branches of a block; nil for nothing.
  private func branchProblem(inputs: Int?, isPooled: Bool, depth: Int) -> String? {
    if branches.isEmpty { return nil }
    if depth == Self.maximumDepth { return "'branches' in 'branches' are more than \(depth) deep" }
    for (index, branch) in branches.enumerated() {
      if let problem = Self.problem(in: branch, inputs: inputs, isPooled: isPooled, depth: depth + 1) {
        return "branch \(index + 1): \(problem)"
      }
      let isPooled = isPooled || branch.contains(where: \.leavesOneStep)
      if !isPooled, branch.contains(where: \.changesLengths) {
        return
          "branch \(index + 1): a 'stride' or 'padding: valid' changes the number of steps; the branch needs 'pool'"
      }
      if !isPooled, leavesOneStep {
        return "branch \(index + 1): needs 'pool', because other branches leave one step of each sequence"
      }
    }
    guard let inputs, merge != .concatenate else { return nil }
    let sizes = branches.map { Self.size(of: $0, inputs: inputs).outputs }
    return Set(sizes).count > 1
      ? "'merge: \(merge.rawValue)' needs branches of as many features, not \(sizes.map(String.init).joined(separator: ", "))"
      : nil
  }

  /// Branches within branches.
  private static let maximumDepth = 8

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
    if !branches.isEmpty {
      let texts = branches.map { $0.isEmpty ? "input" : $0.map(\.summary).joined(separator: ", ") }
      return "branches (\(texts.joined(separator: " | ")))"
    }
    let key = Self.keys.first { $0.path == type?.key }
    return "\(key?.path ?? "") \(key?.text(self) ?? "")"
  }

  /// Time steps of the output of a sequence with so many steps, at least 1.
  package func outputLength(_ length: Int) -> Int {
    if leavesOneStep { return 1 }
    guard readsWindows, let width else { return length }
    return StepWindow(width: width, stride: stride, dilation: dilation, padding: padding).outputLength(length)
  }

  /// Whether one step of each sequence is left.
  package var leavesOneStep: Bool {
    pool != nil || branches.contains { $0.contains(where: \.leavesOneStep) }
  }

  /// Whether the number of steps changes, other than by pooling whole sequences.
  package var changesLengths: Bool { readsWindows && (stride > 1 || padding == .valid) }

  /// Whether each output is computed from a window of steps.
  package var readsWindows: Bool { convolution != nil || pooling != nil }

  /// Whether outputs depend on later steps.
  package var readsLaterSteps: Bool { type?.readsLaterSteps(self) ?? false }
}
