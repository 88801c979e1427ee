import WeftData
import WeftLayers
import WeftTensor

extension TrainableModel {
  /// Finds the first non-finite value in a pass over a minibatch, in the order weights, states from the lowest layer
  /// up, outputs, losses, and gradients from the top layer down.
  ///
  /// Runs the minibatch again, so it needs the same arguments as `backpropagate`. All ranks search together, each its
  /// rows and slices, with the same result.
  package func firstNonFinitePlace(
    _ batch: Minibatch, targets: Int? = nil, loss: Loss, initial: RecurrentState?, dropoutKey: DropoutKey?,
    on executor: Executor
  ) -> NonFinitePlace? {
    if let number = layout.firstNonFinite(in: executor.parameters, 0..<layout.count) {
      return NonFinitePlace(what: "the weights \(layout.parameters[number].name)")
    }
    if let place = firstNonFiniteActivation(
      batch, loss: loss, initial: initial, dropoutKey: dropoutKey, on: executor)
    {
      return place
    }
    let result = backpropagate(
      batch, targets: targets, loss: loss, initial: initial, final: nil, dropoutKey: dropoutKey,
      recordsGradientNorms: true, on: executor)
    for (number, norms) in result.gradientNorms.enumerated().reversed() {
      let indices = norms.indices.filter { !norms[$0].isFinite }
      let layer = tracedLayers[number]
      // Gradients flow in the opposite direction of the layer.
      if let step = layer.direction == .backward ? indices.first : indices.last {
        return NonFinitePlace(what: "the gradient of the states of \(layer.name)", step: step)
      }
    }
    _ = GradientReduction().reduce(on: executor)
    let ranks = executor.ranks
    let own = executor.gradients.first.flatMap { gradient in
      executor.ownership.places[ranks.rank].lazy.compactMap { layout.firstNonFinite(in: gradient, $0) }.first
    }
    return ranks.gather(own ?? .max).min().flatMap { number in
      number == .max ? nil : NonFinitePlace(what: "the gradient of \(layout.parameters[number].name)")
    }
  }

  /// Finds the first non-finite activation of the forward pass.
  private func firstNonFiniteActivation(
    _ batch: Minibatch, loss: Loss, initial: RecurrentState?, dropoutKey: DropoutKey?, on executor: Executor
  ) -> NonFinitePlace? {
    let state = RecurrentState(batch: batch.rows, layers: carriedLayers)
    let segmentSteps = segmentSteps(batch, on: executor)
    let steps = segmentSteps ?? batch.lengths[0]
    for range in SegmentedBackpropagation(lengths: batch.lengths, steps: steps).ranges {
      let task = ShardTask(
        batch: segmentSteps == nil ? batch : segment(range, of: batch), loss: loss,
        initial: range.lowerBound == 0 ? initial : state, finals: [state])
      let found = executor.run(
        Segment(firstStep: range.lowerBound, lengths: task.batch.lengths, batch: batch.rows),
        scope: .own, wantsGradients: false, dropoutKey: dropoutKey
      ) { shard in firstNonFinite(task, shard) }
      let own = found.compactMap(\.self).min(by: NonFiniteActivation.isEarlier)
      if let first = firstOfAllRanks(own, executor.ranks) { return first }
    }
    return nil
  }

  private func firstOfAllRanks(_ own: NonFiniteActivation?, _ ranks: any Communicator) -> NonFinitePlace? {
    if ranks.count == 1 { return own?.place }
    let order = own?.order ?? [.max, .max, .max]
    let orders = ranks.gather(order, counts: [Int](repeating: order.count, count: ranks.count))
    let places = ranks.gather(encoding: own?.place)
    let first = places.indices.min {
      orders[3 * $0..<3 * $0 + 3].lexicographicallyPrecedes(orders[3 * $1..<3 * $1 + 3])
    }
    return first.flatMap { places[$0] }
  }
}

extension ParameterLayout {
  /// The index of the first parameter with a non-finite value in a range of a flat array.
  package func firstNonFinite(in flat: Tensor, _ places: Range<Int>) -> Int? {
    parameters.firstIndex { parameter in
      let range = (parameter.offset..<parameter.offset + parameter.count).clamped(to: places)
      return flat.matrix.columns(range).elements.contains { !$0.isFinite }
    }
  }
}
