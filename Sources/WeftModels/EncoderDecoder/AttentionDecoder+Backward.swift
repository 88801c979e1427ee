import KernelInterface
import WeftLayers

extension AttentionDecoder {
  /// Gradients of inputs, initial states and source.
  struct BackwardResult {
    /// ∂L/∂(inputs of the first layer); nil if not requested.
    let inputs: Matrix?
    /// ∂L/∂(initial states) per layer.
    let initial: [ShardState]
    /// ∂L/∂(source values); nil without attention.
    let source: Matrix?
  }

  /// Computes the gradients of all parameters from ∂L/∂y in `pass.outputs`.
  ///
  /// - Parameters:
  ///   - tiedGradient: Receives the gradient of tied weights, one matrix per node.
  ///   - gradientNorms: `[1, positions]` per layer, receive ‖∂L/∂h_t‖²; may be empty.
  func backward(
    _ pass: Pass, wantsInputs: Bool, tiedGradient: [Matrix], gradientNorms: [Matrix], _ shard: Shard
  ) -> BackwardResult {
    let layout = shard.layout
    let arena = shard.arena
    func perPosition() -> Matrix { arena.matrix(rows: layout.positions, columns: hiddenSize) }
    let feedGradient = perPosition()
    output.backward(pass.outputs, initial: .zero, into: feedGradient, record: nil, shard)
    accumulateOutput(pass, tiedGradient, shard)

    let combined = combination == nil ? nil : perPosition()
    let contextGradient = attention.map { arena.matrix(rows: layout.rows, columns: $0.sourceSize) }
    // Gradients from above, per layer; without attention, only the output is above the topmost layer.
    let gradients =
      layers.indices.dropLast().map { _ in perPosition() } + [attention == nil ? feedGradient : perPosition()]
    let states = zip(layers, pass.layers).map { $0.beginBackward($1, shard) }
    let attentionGradients = attention.flatMap { attention in
      pass.attention.map { attention.beginBackward($0, shard) }
    }
    for step in (0..<layout.steps).reversed() {
      let segment = layout.segments(step: step, .forward)[0]
      let positions = segment.positions
      let read = feedGradient.rows(positions)
      if let mask = pass.masks[layers.count] {
        shard.kernels.multiply(read, mask.rows(positions), into: read)
      }
      if let attention, let combination, let attentionPass = pass.attention, let attentionGradients,
        let attentional = pass.attentional?.rows(positions), let combined = combined?.rows(positions),
        let context = contextGradient?.rows(segment.rows)
      {
        let top = gradients[layers.count - 1].rows(positions)
        shard.kernels.elmanBackward(.tanh, gates: combined, hidden: attentional, hiddenGradient: read)
        combination.context.backward(combined, initial: .zero, into: context, record: nil, shard)
        combination.state.backward(combined, initial: .zero, into: top, record: nil, shard)
        attention.backward(
          context, hidden: pass.top.rows(segment.current), hiddenGradient: top, positions, attentionPass,
          attentionGradients, shard)
      }
      for (index, layer) in layers.enumerated().reversed() {
        layer.stepBackward(
          segment, pass.layers[index], states[index], outputGradient: gradients[index],
          gradientNorms: gradientNorms.isEmpty ? nil : gradientNorms[index], shard)
        guard index > 0 else { continue }
        let below = gradients[index - 1].rows(positions)
        layer.backwardInput(positions, pass.layers[index], into: below, shard)
        if let mask = pass.masks[index] {
          shard.kernels.multiply(below, mask.rows(positions), into: below)
        }
      }
      if let feeding, step > 0 {
        let before = layout.starts[step - 1]..<layout.starts[step - 1] + positions.count
        feeding.backward(
          pass.layers[0].gates.rows(positions), initial: .result, into: feedGradient.rows(before),
          record: nil, shard)
      }
    }
    let inputGradient = wantsInputs ? arena.matrix(like: pass.inputs[0]) : nil
    layers[0].backwardInput(0..<layout.positions, pass.layers[0], into: inputGradient, shard)
    if let mask = pass.masks[0], let inputGradient {
      shard.kernels.multiply(inputGradient, mask, into: inputGradient)
    }
    accumulate(pass, states, combined: combined, attentionGradients, shard)
    return BackwardResult(
      inputs: inputGradient,
      initial: zip(layers, states).map { layer, state in
        ShardState(hidden: state.hidden, cell: layer.hasCellState ? state.cell : nil)
      }, source: attentionGradients?.source)
  }

  /// The row of each position in a matrix `[rows + positions, …]`.
  private func rowsOfPositions(_ layout: SequenceLayout) -> [Int32] {
    (0..<layout.positions).map { Int32(layout.rows + $0) }
  }

  private func accumulateOutput(_ pass: Pass, _ tiedGradient: [Matrix], _ shard: Shard) {
    let index = shard.layout.lanePositions
    let bias = outputBias.operand(gates: 0..<1, shard)
    let read = pass.feed.rows(shard.layout.rows..<pass.feed.rows)
    if tied != nil {
      shard.outerProducts(
        [(OuterOperand(pass.outputs, rows: nil), tiedGradient)], right: read, width: hiddenSize, index: index)
      shard.columnSums(
        values: pass.outputs, factors: nil, width: outputSize, rows: index, outputs: bias.outputs)
    } else {
      shard.outerProducts(
        [output.operand(read, rows: nil, shard), bias], right: pass.outputs, width: outputSize, index: index)
    }
  }

  private func accumulate(
    _ pass: Pass, _ states: [RecurrentLayer.BackwardStates], combined: Matrix?,
    _ attentionGradients: Attention.BackwardPass?, _ shard: Shard
  ) {
    let layout = shard.layout
    let index = layout.lanePositions
    for (number, layer) in layers.enumerated() {
      layer.finishBackward(
        pass.layers[number], inputs: .features(pass.inputs[number]), states[number], shard)
    }
    if let feeding {
      shard.outerProducts(
        [feeding.operand(pass.feed, rows: layout.previousStates(.forward), shard)],
        right: pass.layers[0].gates.stored, width: layers[0].hiddenSize, index: index)
    }
    guard let attention, let combination, let combined, let attentionPass = pass.attention,
      let attentionGradients
    else { return }
    let rows = rowsOfPositions(layout)
    shard.outerProducts(
      [
        combination.context.operand(attentionPass.contexts, rows: nil, shard),
        combination.state.operand(pass.top, rows: rows, shard),
      ], right: combined, width: hiddenSize, index: index)
    attention.finishBackward(attentionPass, attentionGradients, hidden: pass.top, rows: rows, shard)
  }
}
