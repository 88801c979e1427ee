import KernelInterface

extension SequenceModel: TrainableModel {
  package var carriedLayers: [RecurrentLayer] { stack.layers }
  package var tracedLayers: [TracedLayer] { stack.tracedLayers }
  package func tracedSteps(of batch: Minibatch) -> [Int] { stack.layers.map { _ in batch.lengths[0] } }

  package func segment(_ range: Range<Int>, of batch: Minibatch) -> Minibatch {
    batch.segment(range, outputSteps: outputSteps)
  }

  package func run(_ task: ShardTask, _ shard: Shard) -> ShardResult {
    let inputs = task.batch.shardInputs(shard.layout, rows: shard.globalRows, arena: shard.arena)
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

  /// Losses of a shard's outputs; turns the outputs into gradients.
  private func evaluate(_ loss: Loss, _ pass: Pass, _ task: ShardTask, _ shard: Shard) -> ShardResult {
    let count = pass.outputs.rows
    let losses = shard.arena.matrix(rows: 1, columns: count)
    let correct = shard.arena.matrix(rows: 1, columns: count)
    guard
      let targets = task.batch.shardTargets(
        shard.layout, rows: shard.globalRows, outputSteps: outputSteps, arena: shard.arena)
    else { preconditionFailure("a loss needs targets") }
    loss.evaluate(
      outputs: pass.outputs, targets: targets, scale: task.scale, losses: losses, correct: correct, shard)
    return ShardResult(
      losses: losses, correct: loss.wantsClasses ? correct : nil,
      index: loss.wantsLabels ? shard.layout.laneRows : outputIndex(shard.layout))
  }
}

extension DataParallel {
  /// The outputs of every step, or of every sequence, of a sequence model, row by row of the minibatch,
  /// `[outputs, model outputs]`.
  package func outputs(
    _ batch: Minibatch, initial: RecurrentState?, final: RecurrentState?
  ) -> Tensor {
    guard let model = model as? SequenceModel else { preconditionFailure("needs a sequence model") }
    let isEveryStep = model.outputSteps == .everyStep
    let outputs = Tensor(rows: isEveryStep ? batch.steps : batch.rows, columns: model.shape.outputs)
    _ = run(Segment(lengths: batch.lengths), wantsGradients: false, dropoutKey: nil) { shard in
      let layout = shard.layout
      let inputs = batch.shardInputs(layout, rows: shard.globalRows, arena: shard.arena)
      let pass = model.forward(inputs, initial: initial, shard)
      if let final { model.stack.storeFinal(pass.stack, into: final, shard) }
      let places = (0..<pass.outputs.rows).map { output in
        isEveryStep
          ? Int32(
            batch.offsets[Int(shard.globalRows[Int(layout.rowOfPosition[output])])]
              + Int(layout.stepOfPosition[output]))
          : shard.globalRows[output]
      }
      shard.kernels.scatterRows(pass.outputs, to: places, of: outputs.matrix)
    }
    return outputs
  }
}
