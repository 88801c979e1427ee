import KernelInterface

/// Runs a model over minibatches with all workers, each on its own lanes.
///
/// Losses and gradients have the same bits for any number of workers.
package final class DataParallel: LaneParallel {
  package let model: any TrainableModel
  /// Bytes for the activations of one minibatch; nil for no limit.
  package var memoryBudget: Int?

  /// - Parameters:
  ///   - threads: Those that run at the same time.
  ///   - lanes: Parts that a minibatch is cut into; results depend on it.
  ///   - ranks: The processes that share them, at most one a lane.
  package init(
    model: any TrainableModel, parameters: Tensor, engine: Engine, threads: Int, lanes: Int,
    ranks: any Communicator = SingleRank()
  ) {
    self.model = model
    super.init(model, parameters: parameters, engine: engine, threads: threads, lanes: lanes, ranks: ranks)
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

    /// Adds what was found in another minibatch; norms stay.
    package mutating func add(_ other: Result) {
      loss += other.loss
      correct += other.correct
      targets += other.targets
    }

    package var meanLoss: Double { loss / Double(max(targets, 1)) }
    package var accuracy: Double { correct / Double(max(targets, 1)) }
  }

  /// Losses of a minibatch without gradients or dropout, on this rank alone.
  ///
  /// - Parameters:
  ///   - initial: States before the first step; nil means the model's own.
  ///   - final: Receives the states after each row's last step; may be the same as `initial`.
  package func evaluate(
    _ batch: Minibatch, loss: Loss, initial: RecurrentState?, final: RecurrentState?
  ) -> Result {
    run(
      ShardTask(batch: batch, loss: loss, initial: initial, finals: [final].compactMap(\.self)),
      targets: model.targetCount(of: batch), scope: .whole, wantsGradients: false, dropoutKey: nil)
  }

  /// Losses of all minibatches of a split.
  ///
  /// - Parameter carried: States to carry from minibatch to minibatch where these go on; overwritten.
  package func evaluate(
    _ source: any BatchSource, loss: Loss, carried: RecurrentState?
  ) throws(WeftError) -> Result {
    var total = Result()
    for index in 0..<source.batchesPerEpoch {
      let batch = try source.batch(epoch: 0, index: index)
      let result = evaluate(batch, loss: loss, initial: batch.continues ? carried : nil, final: carried)
      total.add(result)
    }
    return total
  }

  /// Calls `body` with other parameters in place of these; nil for these.
  package func with<Value>(
    parameters other: Tensor?, _ body: () throws(WeftError) -> Value
  ) throws(WeftError) -> Value {
    let own = parameters
    if let other { parameters = other }
    defer { if other != nil { parameters = own } }
    return try body()
  }

  /// Losses and gradients of a minibatch; the gradients are those of the mean loss.
  ///
  /// Every rank runs over its own lanes; the losses are those of all of them, and states those of this rank's rows.
  /// Sequences whose activations exceed the memory budget are run in segments.
  ///
  /// - Parameters: As `evaluate`; in addition
  ///   - targets: What the mean loss divides by; nil to count it, where this rank has all rows.
  ///   - dropoutKey: Keys of the dropout masks; nil for no dropout.
  ///   - recordsGradientNorms: Whether to record ‖∂L/∂h_t‖.
  package func backpropagate(
    _ batch: Minibatch, targets: Int? = nil, loss: Loss, initial: RecurrentState?, final: RecurrentState?,
    dropoutKey: DropoutKey?, recordsGradientNorms: Bool
  ) -> Result {
    let targets = targets ?? model.targetCount(of: batch)
    let norms = recordsGradientNorms ? GradientNorms(model, batch) : nil
    let task = ShardTask(
      batch: batch, loss: loss, scale: 1 / Float(max(targets, 1)), initial: initial,
      finals: [final].compactMap(\.self), norms: norms)
    var result =
      if let steps = segmentSteps(batch) {
        backpropagate(task, targets: targets, segmentSteps: steps, dropoutKey: dropoutKey)
      } else {
        run(task, targets: targets, scope: .own, wantsGradients: true, dropoutKey: dropoutKey)
      }
    result.gradientNorms = norms.map { norms in exchanging { norms.values(ranks) } } ?? []
    return result
  }

  private func backpropagate(
    _ whole: ShardTask, targets: Int, segmentSteps: Int, dropoutKey: DropoutKey?
  ) -> Result {
    let model = model
    let batch = whole.batch
    let segments = SegmentedBackpropagation(lengths: batch.lengths, steps: segmentSteps)
    func part(_ index: Int) -> Minibatch { model.segment(segments.ranges[index], of: batch) }
    func makeState() -> RecurrentState { RecurrentState(batch: batch.rows, layers: model.carriedLayers) }
    // Carried states may be read and written by the same minibatch, and are read twice.
    let start = whole.initial.map { state in
      let copy = makeState()
      copy.assign(state)
      return copy
    }
    var total = Result()
    segments.run(initial: start, makeState: makeState) { segment in
      // Rows that end here do so in no later segment.
      let task = ShardTask(
        batch: part(segment.index), initial: segment.initial,
        finals: [segment.final].compactMap(\.self) + whole.finals)
      _ = run(
        task, segment.segment, targets: targets, scope: .own, wantsGradients: false, dropoutKey: dropoutKey)
    } backward: { segment in
      let isLast = segment.index == segments.ranges.count - 1
      let task = ShardTask(
        batch: part(segment.index), loss: whole.loss, scale: whole.scale, initial: segment.initial,
        finals: isLast ? whole.finals : [], finalGradient: segment.finalGradient,
        initialGradient: segment.initialGradient, norms: whole.norms)
      let result = run(
        task, segment.segment, targets: targets, scope: .own, wantsGradients: true, keepsLanesApart: true,
        dropoutKey: dropoutKey)
      total.loss += result.loss
      total.correct += result.correct
    }
    total.targets = targets
    return total
  }

  /// Time steps of a segment if the minibatch needs more memory than the budget has; nil if it does not.
  func segmentSteps(_ batch: Minibatch) -> Int? {
    guard let budget = memoryBudget, model.canBeSegmented(batch) else { return nil }
    let steps = max(1, budget / (model.activationBytes * batch.rows))
    return steps < batch.lengths[0] ? steps : nil
  }

  private func run(
    _ task: ShardTask, _ segment: Segment? = nil, targets: Int, scope: Scope, wantsGradients: Bool,
    keepsLanesApart: Bool = false, dropoutKey: DropoutKey?
  ) -> Result {
    let model = model
    let results = run(
      segment ?? Segment(lengths: task.batch.lengths), scope: scope, wantsGradients: wantsGradients,
      keepsLanesApart: keepsLanesApart, dropoutKey: dropoutKey
    ) { shard in model.run(task, shard) }
    var lanes = results.flatMap(\.lanes)
    if scope == .own, task.loss != nil { lanes = gather(lanes) }
    var result = Result()
    for lane in lanes {
      result.loss += lane.loss
      result.correct += lane.correct
    }
    result.targets = targets
    return result
  }

  /// What all ranks found in their lanes, in the lanes' order.
  private func gather(_ own: [ShardResult.Lane]) -> [ShardResult.Lane] {
    guard let exchange else { return own }
    return exchanging { ranks.gather(own, counts: exchange.plan.ranges.map(\.count)) }
  }
}
