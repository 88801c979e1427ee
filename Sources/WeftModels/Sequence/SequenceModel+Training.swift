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
    let (losses, correct) = evaluate(loss, pass, task.batch, scale: task.scale, shard)
    if let outputs = task.outputs {
      scatter(
        self.outputs(of: pass, shard), of: pass.stack.shard.layout, outputOffsets(task.batch), to: outputs,
        shard)
    }
    shard.finishForward()
    if shard.wantsGradients {
      let norms = task.norms?.shardNorms(shard) ?? []
      backward(
        pass, inputs, finalGradient: task.finalGradient, initialGradient: task.initialGradient,
        gradientNorms: norms, shard)
      task.norms?.collect(norms, shard)
    }
    return ShardResult(
      losses: losses, correct: loss.wantsClasses ? correct : nil,
      index: loss.wantsLabels ? shard.layout.laneRows : pass.stack.shard.layout.lanePositions)
  }
}
