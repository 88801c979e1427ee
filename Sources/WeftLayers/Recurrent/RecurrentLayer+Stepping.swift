import KernelInterface
import WeftBase
import WeftTensor

/// States of one layer, or gradients of states, one row per row of a shard.
package struct ShardState: Sendable {
  /// `[rows, hidden]`.
  package let hidden: Matrix
  /// `[rows, cell size]`, for cells with a cell state.
  package let cell: Matrix?

  package init(hidden: Matrix, cell: Matrix?) {
    self.hidden = hidden
    self.cell = cell
  }
}

/// Single steps of a layer's forward and backward pass, for models that interleave layers.
extension RecurrentLayer {
  /// One time step forward for a segment's rows. Their inputs must have been projected.
  package func stepForward(_ segment: StepSegment, _ pass: RecurrentPass, _ shard: Shard) {
    cell.forward(segment, pass, shard)
    shard.reverseSweep()
    pass.zonedHidden?.forward(pass.hidden, segment, shard)
    pass.zonedCell?.forward(pass.cell.matrix, segment, shard)
    if let mask = pass.recurrentMask {
      shard.kernels.multiply(
        pass.hidden.rows(segment.current), mask.rows(segment.rows),
        into: pass.recurrentInputs.rows(segment.current))
    }
  }

  /// Copies the final state of a single-step pass to its initial state, for the next step.
  func repeatStep(_ segment: StepSegment, _ pass: RecurrentPass, _ shard: Shard) {
    shard.kernels.copy(pass.hidden.rows(segment.current), into: pass.hidden.rows(segment.previous))
    if hasCellState {
      shard.kernels.copy(pass.cell.rows(segment.current), into: pass.cell.rows(segment.previous))
    }
  }

  /// One time step in a single-step pass; leaves the states for the next call.
  ///
  /// - Parameters:
  ///   - inputs: Features or the token of the step.
  ///   - pass: From `makePass` without dropout.
  package func step(_ inputs: Steps<Matrix>, _ pass: RecurrentPass, _ segment: StepSegment, _ shard: Shard) {
    project(inputs, segment.positions, pass, shard)
    stepForward(segment, pass, shard)
    repeatStep(segment, pass, shard)
  }

  /// ∂L/∂(states) of a shard's rows in a backward pass.
  package struct BackwardStates {
    package let hidden: Matrix
    package let cell: Matrix
    /// ∂L/∂h₋₁ through the recurrent projections, where it must be separate from the direct path.
    let recurrent: Matrix?
    /// ∂L/∂h₋₁ and ∂L/∂c₋₁ through the units that zoneout keeps.
    let keptHidden: Matrix?
    let keptCell: Matrix?
  }

  /// Starts a backward pass at the end of the sequences.
  ///
  /// - Parameters:
  ///   - finalGradient: ∂L/∂(final state) of the minibatch's rows.
  ///   - shardFinalGradient: The same for the shard's rows. Without either it is zero.
  package func beginBackward(
    finalGradient: LayerState? = nil, shardFinalGradient: ShardState? = nil, _ pass: RecurrentPass,
    _ shard: Shard
  ) -> BackwardStates {
    func rows(_ columns: Int) -> Matrix { shard.arena.matrix(rows: pass.layout.rows, columns: columns) }
    let isSeparate = cell.hasDirectPath || pass.recurrentMask != nil
    return BackwardStates(
      hidden: startGradient(finalGradient?.hidden, shardFinalGradient?.hidden, columns: outputSize, shard),
      cell: startGradient(
        hasCellState ? finalGradient?.cell : nil, hasCellState ? shardFinalGradient?.cell : nil,
        columns: cellSize, shard),
      recurrent: isSeparate ? rows(outputSize) : nil,
      keptHidden: pass.zonedHidden == nil ? nil : rows(outputSize),
      keptCell: pass.zonedCell == nil ? nil : rows(cellSize))
  }

  /// One time step backward for a segment's rows: replaces gates by their gradients.
  ///
  /// - Parameters:
  ///   - outputGradient: As for `backward`; this step's positions are read.
  ///   - gradientNorms: As for `backward`.
  package func stepBackward(
    _ segment: StepSegment, _ pass: RecurrentPass, _ states: BackwardStates, outputGradient: Matrix,
    gradientNorms: Matrix?, _ shard: Shard
  ) {
    let gradient = states.hidden.rows(segment.rows)
    let through = states.recurrent?.rows(segment.rows) ?? gradient
    let (outputGradient, kernels) = (outputGradient.rows(segment.positions), shard.kernels)
    shard.divide(rows: gradient.rows) { rows in
      kernels.add(outputGradient.rows(rows), to: gradient.rows(rows))
    }
    if let gradientNorms {
      shard.kernels.squaredNorms(of: gradient, into: gradientNorms.columns(segment.positions))
    }
    let cellGradient = states.cell.rows(segment.rows)
    let (keptHidden, keptCell) = (states.keptHidden?.rows(segment.rows), states.keptCell?.rows(segment.rows))
    if let keptHidden { pass.zonedHidden?.backward(gradient, kept: keptHidden, segment, shard) }
    if let keptCell { pass.zonedCell?.backward(cellGradient, kept: keptCell, segment, shard) }
    cell.backward(
      segment, pass, hiddenGradient: gradient, cellGradient: cellGradient, recurrentGradient: through, shard)
    shard.reverseSweep()
    if states.recurrent != nil {
      join(through, pass.recurrentMask?.rows(segment.rows), into: gradient, shard)
    }
    if let keptHidden { shard.kernels.add(keptHidden, to: gradient) }
    if let keptCell { shard.kernels.add(keptCell, to: cellGradient) }
  }

  /// Computes input gradients from gate gradients at some positions, unless `inputGradient` is nil.
  package func backwardInput(
    _ positions: Range<Int>, _ pass: RecurrentPass, into gradient: Matrix?, _ shard: Shard
  ) {
    let gates = pass.gates.rows(positions)
    let record = pass.inputRecord?.rows(positions)
    if let gradient {
      input.backward(gates, initial: .zero, into: gradient, record: record, shard)
    } else {
      input.normalizeBackward(gates, record: record, shard)
    }
  }

  /// Ends a backward pass: computes the gradients of the parameters.
  package func finishBackward(
    _ pass: RecurrentPass, inputs: Steps<Matrix>, _ states: BackwardStates, _ shard: Shard
  ) {
    guard shard.wantsGradients else { return }
    accumulate(pass, inputs: inputs, hiddenGradient: states.hidden, cellGradient: states.cell, shard)
  }

  private func startGradient(
    _ final: Tensor?, _ given: Matrix?, columns: Int, _ shard: Shard
  ) -> Matrix {
    let gradient = shard.arena.matrix(rows: shard.layout.rows, columns: columns)
    if let given {
      shard.kernels.copy(given, into: gradient)
    } else if let final {
      shard.kernels.gatherRows(table: final.matrix, indices: shard.globalRows, into: gradient)
    } else {
      shard.kernels.fill(gradient, with: 0)
    }
    return gradient
  }

  /// gradient = direct part, if any, + through ∘ mask.
  private func join(_ through: Matrix, _ mask: Matrix?, into gradient: Matrix, _ shard: Shard) {
    switch (cell.hasDirectPath, mask) {
    case (true, let mask?): shard.kernels.addProduct(through, mask, to: gradient)
    case (true, nil): shard.kernels.add(through, to: gradient)
    case (false, let mask?): shard.kernels.multiply(through, mask, into: gradient)
    case (false, nil): break
    }
  }
}
