import KernelInterface
import WeftTensor

/// A linear-chain conditional random field over the classes of all steps (Lafferty et al. 2001): the outputs of a model
/// score the class of each step, a parameter the transitions between them.
///
/// With transitions of zero, as at first, loss and gradient are those of the cross-entropy of each step.
package struct ConditionalRandomField: Sendable {
  /// More classes would need a lot of memory, for the gradients of the transitions of each sequence.
  package static let maximumClasses = 512

  /// Scores, `[classes + 2, classes]`: of the class after each class, of the first, and of the last one.
  package let transitions: Parameter
  private let classes: Int

  package init(classes: Int, layout: inout ParameterLayout) {
    self.classes = classes
    transitions = layout.add(
      "output/transitions", rows: classes + 2, columns: classes, initialization: .zero, isWeight: false)
  }

  /// Computes the loss, and replaces the outputs by their gradients.
  ///
  /// - Parameters: As those of ``Loss/evaluate(outputs:targets:scale:losses:weights:correct:_:)``; an output is correct
  ///   where the best path has the target.
  package func evaluate(
    outputs: Matrix, targets: [Int32], scale: Float, losses: Matrix, correct: Matrix, _ shard: Shard
  ) {
    let scores = transitions.matrix(in: shard.parameters)
    let byteCount = shard.kernels.crfScratchByteCount(steps: shard.layout.steps, classes: classes)
    let best = shard.kernels.crfBestPaths(
      logits: outputs, classes: classes, transitions: scores, layout: shard.layout,
      scratch: shard.arena.scratch(byteCount: byteCount))
    for (place, target) in targets.enumerated() {
      correct[0, place] = target >= 0 && best[place] == target ? 1 : 0
    }
    let gradients =
      scale != 0 && shard.wantsGradients
      ? shard.arena.matrix(rows: shard.layout.rows, columns: transitions.count) : nil
    shard.kernels.crfLoss(
      logits: outputs, classes: classes, targets: targets, transitions: scores, layout: shard.layout,
      gradientScale: scale, losses: losses, transitionGradients: gradients,
      scratch: shard.arena.scratch(byteCount: byteCount))
    guard let gradients else { return }
    shard.columnSums(
      values: gradients, factors: nil, width: transitions.count, rows: shard.layout.laneRows,
      outputs: shard.gradients.map {
        $0.columns(transitions.offset..<transitions.offset + transitions.count)
      })
  }

  /// Replaces the outputs of a sequence by the probability of each class at each step, given the whole sequence.
  ///
  /// - Parameters:
  ///   - outputs: `[steps, classes]`.
  ///   - parameters: All parameters of the model, flat `[1, n]`.
  /// - Returns: The classes of the most probable path.
  package func decode(_ outputs: Matrix, parameters: Matrix, kernels: any KernelSet.Type) -> [Int32] {
    guard outputs.rows > 0 else { return [] }
    let scores = transitions.matrix(in: parameters)
    let layout = SequenceLayout(lengths: [outputs.rows], lanes: 1)
    let memory = AlignedMemory(
      byteCount: kernels.crfScratchByteCount(steps: outputs.rows, classes: classes))
    let best = kernels.crfBestPaths(
      logits: outputs, classes: classes, transitions: scores, layout: layout, scratch: memory.bytes)
    let losses = Tensor(rows: 1, columns: outputs.rows)
    // The gradient of −ln P(path) is the probability of each class, less 1 for that of the path.
    kernels.crfLoss(
      logits: outputs, classes: classes, targets: best, transitions: scores, layout: layout, gradientScale: 1,
      losses: losses.matrix, transitionGradients: nil, scratch: memory.bytes)
    for (step, path) in best.enumerated() { outputs[step, Int(path)] += 1 }
    return best
  }
}
