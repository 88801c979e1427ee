import WeftData
import WeftLayers
import WeftParallel

extension SequenceModel: TrainableModel {
  package var carriedLayers: [RecurrentLayer] { stack.layers }
  package var tracedLayers: [TracedLayer] { changesLengths ? [] : stack.tracedLayers }
  package func tracedSteps(of batch: Minibatch) -> [Int] { tracedLayers.map { _ in batch.lengths[0] } }

  package func targetCount(of batch: Minibatch, loss: Loss) -> Int {
    loss.targetCount(of: batch, outputLength: stack.outputLength)
  }

  package func segment(_ range: Range<Int>, of batch: Minibatch) -> Minibatch {
    batch.segment(range, hasTargetPerStep: hasOutputPerStep)
  }

  package func run(_ task: ShardTask, _ shard: Shard) -> ShardResult {
    let inputs = task.batch.shardInputs(shard)
    let pass = forward(inputs, initial: task.initial, shard)
    for final in task.finals { stack.storeFinal(pass.stack, into: final, shard) }
    guard let loss = task.loss else {
      shard.finishForward()
      return ShardResult(lanes: [])
    }
    let result = evaluate(loss, pass, task, shard)
    shard.finishForward()
    if shard.wantsGradients {
      let norms = task.norms?.shardNorms(shard) ?? []
      backward(
        pass, inputs, finalGradient: task.finalGradient, initialGradient: task.initialGradient,
        gradientNorms: norms, shard)
      task.norms?.collect(norms, shard)
    }
    return result
  }

  /// Computes the losses of a shard's outputs and replaces the outputs by their gradients.
  private func evaluate(_ loss: Loss, _ pass: Pass, _ task: ShardTask, _ shard: Shard) -> ShardResult {
    let count = pass.outputs.rows
    let losses = shard.arena.matrix(rows: 1, columns: count)
    let correct = shard.arena.matrix(rows: 1, columns: count)
    guard let targets = task.batch.shardTargets(shard, perStep: hasOutputPerStep) else {
      preconditionFailure("a loss needs targets")
    }
    loss.evaluate(
      outputs: pass.outputs, targets: targets, scale: task.scale, losses: losses,
      weights: task.batch.shardWeights(shard, perStep: hasOutputPerStep), correct: correct, pass.stack.shard)
    if let outputs = task.outputs {
      scatter(pass.outputs, of: pass.stack.shard.layout, outputOffsets(task.batch), to: outputs, shard)
    }
    return ShardResult(
      losses: losses, correct: loss.wantsClasses ? correct : nil,
      index: loss.wantsLabels ? shard.layout.laneRows : pass.stack.shard.layout.lanePositions)
  }
}
