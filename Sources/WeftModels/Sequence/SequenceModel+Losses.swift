import KernelInterface
import WeftData
import WeftLayers
import WeftParallel
import WeftTensor

extension SequenceModel {
  /// Computes the losses of a shard's outputs, and replaces the outputs by their gradients.
  ///
  /// - Returns: `[1, n]`: the loss of each output or, with label sequences, of each sequence; and 1 where the predicted
  ///   class is the target.
  /// - Precondition: The minibatch has targets.
  func evaluate(
    _ loss: Loss, _ pass: Pass, _ batch: Minibatch, scale: Float, _ shard: Shard
  ) -> (losses: Matrix, correct: Matrix) {
    guard let targets = batch.shardTargets(shard, perStep: hasOutputPerStep) else {
      preconditionFailure("a loss needs targets")
    }
    let losses = shard.arena.matrix(rows: 1, columns: pass.outputs.rows)
    let correct = shard.arena.matrix(rows: 1, columns: pass.outputs.rows)
    if case .adaptive(let softmax) = output, case .classes(let classes) = targets {
      softmax.evaluate(
        pass.stack.output, targets: classes, scale: scale, losses: losses, correct: correct,
        gradient: pass.outputs, index: pass.stack.shard.layout.lanePositions, pass.stack.shard)
    } else if let randomField, case .classes(let classes) = targets {
      randomField.evaluate(
        outputs: pass.outputs, targets: classes, scale: scale, losses: losses, correct: correct,
        pass.stack.shard)
    } else {
      loss.evaluate(
        outputs: pass.outputs, targets: targets, scale: scale, losses: losses,
        weights: batch.shardWeights(shard, perStep: hasOutputPerStep), correct: correct, pass.stack.shard)
    }
    return (losses, correct)
  }

  /// Replaces outputs by the probabilities of the classes at each step, given the whole sequence, if the model has a
  /// conditional random field.
  ///
  /// - Parameter outputs: `[outputs, classes]`, the sequences of the minibatch one after the other.
  /// - Returns: The classes of the most probable path of each sequence; nil without a conditional random field.
  package func decodePaths(_ outputs: Tensor, _ batch: Minibatch, on executor: Executor) -> [Int32]? {
    guard let randomField else { return nil }
    let offsets = outputOffsets(batch)
    return (0..<batch.rows).flatMap { row in
      randomField.decode(
        outputs.matrix.rows(offsets[row]..<offsets[row + 1]), parameters: executor.parameters.matrix,
        kernels: executor.engine.kernels)
    }
  }
}
