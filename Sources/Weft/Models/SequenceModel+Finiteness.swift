import KernelInterface

extension DataParallel {
  /// Looks for the first number that is not finite on the way of a minibatch through the model: weights, states from
  /// the lowest layer up, outputs, losses, and gradients from the top layer down.
  ///
  /// Runs the minibatch again, so it must be given what `backpropagate` was given. All ranks look together, each at its
  /// rows and its slice, and find the same.
  package func firstNonFinitePlace(
    _ batch: Minibatch, targets: Int? = nil, loss: Loss, initial: RecurrentState?, dropoutKey: DropoutKey?
  ) -> NonFinitePlace? {
    let layout = model.layout
    if let number = layout.firstNonFinite(in: parameters, 0..<layout.count) {
      return NonFinitePlace(what: "the weights \(layout.parameters[number].name)")
    }
    if let model = model as? SequenceModel,
      let place = firstNonFiniteActivation(
        model, batch, loss: loss, initial: initial, dropoutKey: dropoutKey)
    {
      return place
    }
    let result = backpropagate(
      batch, targets: targets, loss: loss, initial: initial, final: nil, dropoutKey: dropoutKey,
      recordsGradientNorms: true)
    for (number, norms) in result.gradientNorms.enumerated().reversed() {
      let indices = norms.indices.filter { !norms[$0].isFinite }
      let layer = model.tracedLayers[number]
      // A gradient flows against its layer's direction.
      if let step = layer.direction == .backward ? indices.first : indices.last {
        return NonFinitePlace(what: "the gradient of the states of \(layer.name)", step: step)
      }
    }
    _ = GradientReduction().reduce(self)
    let own = gradients.first.flatMap { gradient in
      ownership.places[ranks.rank].lazy.compactMap { layout.firstNonFinite(in: gradient, $0) }.first
    }
    return ranks.gather(own ?? .max).min().flatMap { number in
      number == .max ? nil : NonFinitePlace(what: "the gradient of \(layout.parameters[number].name)")
    }
  }

  /// The same on the way forward.
  private func firstNonFiniteActivation(
    _ model: SequenceModel, _ batch: Minibatch, loss: Loss, initial: RecurrentState?, dropoutKey: DropoutKey?
  ) -> NonFinitePlace? {
    let state = RecurrentState(batch: batch.rows, layers: model.stack.layers)
    let segmentSteps = segmentSteps(batch)
    let steps = segmentSteps ?? batch.lengths[0]
    for range in SegmentedBackpropagation(lengths: batch.lengths, steps: steps).ranges {
      let isFirst = range.lowerBound == 0
      let part = segmentSteps == nil ? batch : model.segment(range, of: batch)
      let found = run(
        Segment(firstStep: range.lowerBound, lengths: part.lengths, batch: batch.rows),
        scope: .own, wantsGradients: false, dropoutKey: dropoutKey
      ) { shard -> NonFiniteActivation? in
        let inputs = part.shardInputs(shard.layout, rows: shard.globalRows, arena: shard.arena)
        let pass = model.forward(inputs, initial: isFirst ? initial : state, shard)
        model.stack.storeFinal(pass.stack, into: state, shard)
        return model.firstNonFinite(pass, part, loss, shard)
      }
      if let first = firstOfAllRanks(found.compactMap(\.self).min { $0.order < $1.order }) { return first }
    }
    return nil
  }

  private func firstOfAllRanks(_ own: NonFiniteActivation?) -> NonFinitePlace? {
    if ranks.count == 1 { return own?.place }
    let order = own?.order ?? (.max, .max, .max)
    let orders = ranks.gather([order.0, order.1, order.2], counts: [Int](repeating: 3, count: ranks.count))
    let places = ranks.gather(encoding: own?.place)
    let first = places.indices.min {
      orders[3 * $0..<3 * $0 + 3].lexicographicallyPrecedes(orders[3 * $1..<3 * $1 + 3])
    }
    return first.flatMap { places[$0] }
  }
}

/// A place and how early it is among those that one cause may have spoilt.
private struct NonFiniteActivation: Sendable {
  /// Its layer, the time in its layer's direction, and its row.
  let order: (Int, Int, Int)
  let place: NonFinitePlace
}

extension SequenceModel {
  fileprivate func firstNonFinite(
    _ pass: Pass, _ batch: Minibatch, _ loss: Loss, _ shard: Shard
  ) -> NonFiniteActivation? {
    let layout = shard.layout
    let everyPosition = Array(0..<layout.positions)
    func step(_ position: Int) -> Int { Int(layout.stepOfPosition[position]) + shard.segment.firstStep }
    func row(_ position: Int) -> Int { Int(shard.globalRows[Int(layout.rowOfPosition[position])]) }

    for (number, (layer, states)) in zip(stack.layers, pass.stack.layers.flatMap(\.self)).enumerated() {
      let spoilt = everyPosition.filter {
        !states.hidden.isFinite(row: layout.rows + $0)
          || (layer.hasCellState && !states.cell.isFinite(row: layout.rows + $0))
      }
      let candidates = spoilt.map { position in
        let time = layer.direction == .forward ? step(position) : -step(position)
        return NonFiniteActivation(
          order: (number, time, row(position)),
          place: NonFinitePlace(
            what: "the states of \(stack.tracedLayers[number].name)", step: step(position), row: row(position)
          ))
      }
      if let first = candidates.min(by: { $0.order < $1.order }) { return first }
    }

    func first(_ stage: Int, _ what: String, where isSpoilt: (Int) -> Bool) -> NonFiniteActivation? {
      let candidates = (0..<pass.outputs.rows).filter(isSpoilt).map { output in
        let isStep = outputSteps == .everyStep
        let row = isStep ? row(output) : Int(shard.globalRows[output])
        return NonFiniteActivation(
          order: (stack.layers.count + stage, isStep ? step(output) : 0, row),
          place: NonFinitePlace(what: what, step: isStep ? step(output) : nil, row: row))
      }
      return candidates.min { $0.order < $1.order }
    }
    if let place = first(0, "the outputs", where: { !pass.outputs.isFinite(row: $0) }) { return place }
    guard
      let targets = batch.shardTargets(
        layout, rows: shard.globalRows, outputSteps: outputSteps, arena: shard.arena)
    else { return nil }
    let losses = shard.arena.matrix(rows: 1, columns: pass.outputs.rows)
    let correct = shard.arena.matrix(rows: 1, columns: pass.outputs.rows)
    loss.evaluate(
      outputs: pass.outputs, targets: targets, scale: 0, losses: losses, correct: correct, shard)
    if !loss.wantsLabels { return first(1, "the loss", where: { !losses[0, $0].isFinite }) }
    // One loss a sequence, whatever its outputs.
    let spoilt = (0..<layout.rows).filter { !losses[0, $0].isFinite }.map { Int(shard.globalRows[$0]) }
    return spoilt.min().map { row in
      NonFiniteActivation(
        order: (stack.layers.count + 1, 0, row), place: NonFinitePlace(what: "the loss", row: row))
    }
  }
}

extension Matrix {
  fileprivate func isFinite(row: Int) -> Bool { (0..<columns).allSatisfy { self[row, $0].isFinite } }
}
