import KernelInterface

/// Runs a sequence model over minibatches with all workers, each on its own lanes.
///
/// Losses and gradients have the same bits for any number of workers.
package final class DataParallel: LaneParallel {
  package let model: SequenceModel
  /// Bytes for the activations of one minibatch; nil for no limit.
  package var memoryBudget: Int?

  /// - Parameters:
  ///   - threads: Workers that run at the same time; at most one a lane is used.
  ///   - lanes: Parts that a minibatch is cut into; results depend on it.
  package init(
    model: SequenceModel, parameters: Tensor, engine: Engine, threads: Int, lanes: Int
  ) {
    self.model = model
    super.init(model, parameters: parameters, engine: engine, threads: threads, lanes: lanes)
  }

  /// What a pass over one minibatch found.
  package struct Result: Sendable {
    /// Sum of the losses of all targets.
    package var loss = 0.0
    /// Targets whose class was the greatest output.
    package var correct = 0.0
    /// What the mean loss divides by.
    package var targets = 0
    /// ‖∂L/∂h_t‖ of each layer and time step; empty unless asked for.
    package var gradientNorms: [[Float]] = []

    package var meanLoss: Double { loss / Double(max(targets, 1)) }
    package var accuracy: Double { correct / Double(max(targets, 1)) }
  }

  /// Losses of a minibatch without gradients or dropout.
  ///
  /// - Parameters:
  ///   - initial: States before the first step; nil means the model's own.
  ///   - final: Receives the states after each row's last step; may be the same as `initial`.
  package func evaluate(
    _ batch: Minibatch, loss: Loss, initial: RecurrentState?, final: RecurrentState?
  ) -> Result {
    run(batch, initial: initial, final: final, wantsGradients: false, dropoutKey: nil) {
      shard, inputs, pass, model in
      let result = shardResult(shard, pass, batch, loss, scale: 0, model)
      shard.finishForward()
      return result
    }
  }

  /// Losses of all minibatches of a split.
  ///
  /// - Parameters:
  ///   - parameters: What to use in place of the parameters; nil for these.
  ///   - carried: States to carry from minibatch to minibatch where these go on; overwritten.
  package func evaluate(
    _ source: any BatchSource, loss: Loss, parameters other: Tensor? = nil, carried: RecurrentState?
  ) throws(WeftError) -> Result {
    let own = parameters
    if let other { parameters = other }
    defer { if other != nil { parameters = own } }
    var total = Result()
    for index in 0..<source.batchesPerEpoch {
      let batch = try source.batch(epoch: 0, index: index)
      let result = evaluate(batch, loss: loss, initial: batch.continues ? carried : nil, final: carried)
      total.loss += result.loss
      total.correct += result.correct
      total.targets += result.targets
    }
    return total
  }

  /// Losses and gradients of a minibatch; the gradients are those of the mean loss.
  ///
  /// Sequences whose activations exceed the memory budget are run in segments.
  ///
  /// - Parameters: As `evaluate`; in addition
  ///   - dropoutKey: Keys of the dropout masks; nil for no dropout.
  ///   - recordsGradientNorms: Whether to record ‖∂L/∂h_t‖.
  package func backpropagate(
    _ batch: Minibatch, loss: Loss, initial: RecurrentState?, final: RecurrentState?, dropoutKey: DropoutKey?,
    recordsGradientNorms: Bool
  ) -> Result {
    let scale = 1 / Float(max(batch.targetCount, 1))
    let norms = recordsGradientNorms ? GradientNorms(model, batch) : nil
    var result: Result
    if let steps = segmentSteps(batch) {
      result = backpropagate(
        batch, segmentSteps: steps, loss: loss, scale: scale, initial: initial, final: final,
        dropoutKey: dropoutKey, norms: norms)
    } else {
      result = run(batch, initial: initial, final: final, wantsGradients: true, dropoutKey: dropoutKey) {
        shard, inputs, pass, model in
        let result = shardResult(shard, pass, batch, loss, scale: scale, model)
        shard.finishForward()
        let shardNorms = norms?.shardNorms(shard) ?? []
        model.backward(pass, inputs, gradientNorms: shardNorms, shard)
        norms?.collect(shardNorms, shard)
        return result
      }
    }
    result.gradientNorms = norms?.values ?? []
    return result
  }

  private func backpropagate(
    _ batch: Minibatch, segmentSteps: Int, loss: Loss, scale: Float, initial: RecurrentState?,
    final: RecurrentState?, dropoutKey: DropoutKey?, norms: GradientNorms?
  ) -> Result {
    let model = model
    let segments = SegmentedBackpropagation(lengths: batch.lengths, steps: segmentSteps)
    func part(_ index: Int) -> Minibatch {
      batch.segment(segments.ranges[index], outputSteps: model.outputSteps)
    }
    // Carried states may be read and written by the same minibatch, and are read twice.
    let start = initial.map { state in
      let copy = RecurrentState(batch: batch.rows, layers: model.stack.layers)
      copy.assign(state)
      return copy
    }
    var total = Result()
    segments.run(initial: start) {
      RecurrentState(batch: batch.rows, layers: model.stack.layers)
    } forward: { segment in
      _ = run(
        part(segment.index), segment.segment, initial: segment.initial, final: segment.final,
        wantsGradients: false, dropoutKey: dropoutKey
      ) { shard, _, pass, _ in
        if let final { model.stack.storeFinal(pass.stack, into: final, shard) }
        shard.finishForward()
        return ShardResult(lanes: [])
      }
    } backward: { segment in
      let minibatch = part(segment.index)
      let isLast = segment.index == segments.ranges.count - 1
      let result = run(
        minibatch, segment.segment, initial: segment.initial, final: isLast ? final : nil,
        wantsGradients: true, keepsLanesApart: true, dropoutKey: dropoutKey
      ) { shard, inputs, pass, model in
        let result = shardResult(shard, pass, minibatch, loss, scale: scale, model)
        shard.finishForward()
        let shardNorms = norms?.shardNorms(shard) ?? []
        model.backward(
          pass, inputs, finalGradient: segment.finalGradient, initialGradient: segment.initialGradient,
          gradientNorms: shardNorms, shard)
        norms?.collect(shardNorms, shard)
        return result
      }
      total.loss += result.loss
      total.correct += result.correct
    }
    total.targets = batch.targetCount
    return total
  }

  /// Time steps of a segment if the minibatch needs more memory than the budget has; nil if it does not.
  func segmentSteps(_ batch: Minibatch) -> Int? {
    guard let budget = memoryBudget, model.canBeSegmented(batch) else { return nil }
    let steps = max(1, budget / (model.activationBytes * batch.rows))
    return steps < batch.lengths[0] ? steps : nil
  }

  /// The outputs of every step, or of every sequence, row by row of the minibatch, `[outputs, model outputs]`.
  package func outputs(
    _ batch: Minibatch, initial: RecurrentState?, final: RecurrentState?
  ) -> Tensor {
    let isEveryStep = model.outputSteps == .everyStep
    let outputs = Tensor(rows: isEveryStep ? batch.steps : batch.rows, columns: model.shape.outputs)
    _ = run(batch, initial: initial, final: final, wantsGradients: false, dropoutKey: nil) {
      shard, _, pass, _ in
      let layout = shard.layout
      let places = (0..<pass.outputs.rows).map { output in
        isEveryStep
          ? Int32(
            batch.offsets[Int(shard.globalRows[Int(layout.rowOfPosition[output])])]
              + Int(layout.stepOfPosition[output]))
          : shard.globalRows[output]
      }
      shard.kernels.scatterRows(pass.outputs, to: places, of: outputs.matrix)
      return ShardResult(lanes: [])
    }
    return outputs
  }

  private func run(
    _ batch: Minibatch, _ segment: Segment? = nil, initial: RecurrentState?, final: RecurrentState?,
    wantsGradients: Bool, keepsLanesApart: Bool = false, dropoutKey: DropoutKey?,
    body: @Sendable (Shard, ShardInputs, SequenceModel.Pass, SequenceModel) -> ShardResult
  ) -> Result {
    let model = model
    let results = run(
      segment ?? Segment(lengths: batch.lengths), wantsGradients: wantsGradients,
      keepsLanesApart: keepsLanesApart, dropoutKey: dropoutKey
    ) { shard in
      let inputs = batch.shardInputs(shard.layout, rows: shard.globalRows, arena: shard.arena)
      let pass = model.forward(inputs, initial: initial, shard)
      if let final { model.stack.storeFinal(pass.stack, into: final, shard) }
      return body(shard, inputs, pass, model)
    }
    var result = Result()
    for lane in results.flatMap(\.lanes) {
      result.loss += lane.loss
      result.correct += lane.correct
    }
    result.targets = batch.targetCount
    return result
  }
}

/// What one worker found, lane by lane.
struct ShardResult: Sendable {
  struct Lane: Sendable {
    var loss = 0.0
    var correct = 0.0
  }
  var lanes: [Lane]
}

/// Losses of a shard's outputs, summed in the order of each lane; turns the outputs into gradients.
private func shardResult(
  _ shard: Shard, _ pass: SequenceModel.Pass, _ batch: Minibatch, _ loss: Loss, scale: Float,
  _ model: SequenceModel
) -> ShardResult {
  let count = pass.outputs.rows
  let losses = shard.arena.matrix(rows: 1, columns: count)
  let correct = shard.arena.matrix(rows: 1, columns: count)
  guard
    let targets = batch.shardTargets(
      shard.layout, rows: shard.globalRows, outputSteps: model.outputSteps, arena: shard.arena)
  else { preconditionFailure("a loss needs targets") }
  loss.evaluate(
    outputs: pass.outputs, targets: targets, scale: scale, losses: losses, correct: correct, shard)
  let index = model.outputSteps == .everyStep ? shard.layout.lanePositions : shard.layout.laneRows
  let lanes = (0..<index.lanes).map { lane in
    index.rows[index.starts[lane]..<index.starts[lane + 1]].reduce(into: ShardResult.Lane()) { sum, row in
      sum.loss += Double(losses[0, Int(row)])
      if loss.wantsClasses { sum.correct += Double(correct[0, Int(row)]) }
    }
  }
  return ShardResult(lanes: lanes)
}
