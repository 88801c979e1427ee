import WeftBase
import WeftData
import WeftLayers
import WeftTensor

extension TrainableModel {
  /// Losses of a minibatch without gradients or dropout, on this rank only.
  ///
  /// - Parameters:
  ///   - initial: Initial states; nil for the model's own.
  ///   - final: Receives the final states of each row; may be the same as `initial`.
  ///   - outputs: Receives the outputs of models that give them, row by row.
  package func evaluate(
    _ batch: Minibatch, loss: Loss, initial: RecurrentState? = nil, final: RecurrentState? = nil,
    outputs: Tensor? = nil, on executor: Executor
  ) -> PassResult {
    run(
      ShardTask(
        batch: batch, loss: loss, initial: initial, finals: [final].compactMap(\.self), outputs: outputs),
      targets: targetCount(of: batch, loss: loss), on: executor, scope: .whole, wantsGradients: false,
      dropoutKey: nil)
  }

  /// Losses of all minibatches of a split.
  ///
  /// - Parameter carried: Memory for states carried between minibatches; overwritten.
  /// - Throws: If the split cannot be read.
  package func evaluate(
    _ source: any BatchSource, loss: Loss, carried: RecurrentState?, on executor: Executor
  ) throws(WeftError) -> PassResult {
    var total = PassResult()
    for index in 0..<source.batchesPerEpoch {
      let batch = try source.batch(epoch: 0, index: index)
      total.add(
        evaluate(
          batch, loss: loss, initial: batch.continues ? carried : nil, final: carried, on: executor))
    }
    return total
  }

  /// Computes the losses of a minibatch and the gradients of its mean loss.
  ///
  /// Every rank processes its own lanes; losses are those of all ranks, and states those of this rank's rows. Sequences
  /// whose activations exceed the executor's memory budget are processed in segments.
  ///
  /// - Parameters: As `evaluate`; in addition
  ///   - targets: Divisor of the mean loss; nil to count the targets, if this rank has all rows.
  ///   - dropoutKey: Key of the dropout masks; nil for no dropout.
  ///   - recordsGradientNorms: Whether to record ‖∂L/∂h_t‖.
  package func backpropagate(
    _ batch: Minibatch, targets: Int? = nil, loss: Loss, initial: RecurrentState? = nil,
    final: RecurrentState? = nil, dropoutKey: DropoutKey? = nil, recordsGradientNorms: Bool = false,
    on executor: Executor
  ) -> PassResult {
    let targets = targets ?? targetCount(of: batch, loss: loss)
    let norms = recordsGradientNorms ? GradientNorms(self, batch) : nil
    let task = ShardTask(
      batch: batch, loss: loss, scale: 1 / Float(max(targets, 1)), initial: initial,
      finals: [final].compactMap(\.self), norms: norms)
    var result =
      if let steps = segmentSteps(batch, on: executor) {
        backpropagate(task, targets: targets, segmentSteps: steps, dropoutKey: dropoutKey, on: executor)
      } else {
        run(
          task, targets: targets, on: executor, scope: .own, wantsGradients: true, dropoutKey: dropoutKey)
      }
    result.gradientNorms = norms.map { norms in executor.exchanging { norms.values(executor.ranks) } } ?? []
    return result
  }

  private func backpropagate(
    _ whole: ShardTask, targets: Int, segmentSteps: Int, dropoutKey: DropoutKey?, on executor: Executor
  ) -> PassResult {
    let batch = whole.batch
    let segments = SegmentedBackpropagation(lengths: batch.lengths, steps: segmentSteps)
    func part(_ index: Int) -> Minibatch { segment(segments.ranges[index], of: batch) }
    func makeState() -> RecurrentState { RecurrentState(batch: batch.rows, layers: carriedLayers) }
    // The minibatch may read and write the same carried states, and reads them twice.
    let start = whole.initial.map { state in
      let copy = makeState()
      copy.assign(state)
      return copy
    }
    var total = PassResult()
    segments.run(initial: start, makeState: makeState) { segment in
      // Rows that end here do not end in a later segment.
      let task = ShardTask(
        batch: part(segment.index), initial: segment.initial,
        finals: [segment.final].compactMap(\.self) + whole.finals)
      _ = run(
        task, segment.segment, targets: targets, on: executor, scope: .own, wantsGradients: false,
        dropoutKey: dropoutKey)
    } backward: { segment in
      let isLast = segment.index == segments.ranges.count - 1
      let task = ShardTask(
        batch: part(segment.index), loss: whole.loss, scale: whole.scale, initial: segment.initial,
        finals: isLast ? whole.finals : [], finalGradient: segment.finalGradient,
        initialGradient: segment.initialGradient, norms: whole.norms)
      let result = run(
        task, segment.segment, targets: targets, on: executor, scope: .own, wantsGradients: true,
        keepsLanesApart: true, dropoutKey: dropoutKey)
      total.loss += result.loss
      total.correct += result.correct
    }
    total.targets = targets
    return total
  }

  /// Time steps per segment if the minibatch exceeds the executor's memory budget; otherwise nil.
  package func segmentSteps(_ batch: Minibatch, on executor: Executor) -> Int? {
    guard let budget = executor.memoryBudget, canBeSegmented(batch) else { return nil }
    let steps = max(1, budget / (activationBytes * batch.rows))
    return steps < batch.lengths[0] ? steps : nil
  }

  private func run(
    _ task: ShardTask, _ segment: Segment? = nil, targets: Int, on executor: Executor, scope: Executor.Scope,
    wantsGradients: Bool, keepsLanesApart: Bool = false, dropoutKey: DropoutKey?
  ) -> PassResult {
    let results = executor.run(
      segment ?? Segment(lengths: task.batch.lengths), scope: scope, wantsGradients: wantsGradients,
      keepsLanesApart: keepsLanesApart, dropoutKey: dropoutKey
    ) { shard in run(task, shard) }
    var lanes = results.flatMap(\.lanes)
    if scope == .own, task.loss != nil { lanes = executor.gather(lanes) }
    var result = PassResult()
    for lane in lanes {
      result.loss += lane.loss
      result.correct += lane.correct
    }
    result.targets = targets
    return result
  }
}
