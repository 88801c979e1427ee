import KernelInterface
import WeftBase
import WeftTensor

/// States of one layer, or gradients of states, a row for each row of a shard.
package struct ShardState: Sendable {
  /// `[rows, hidden]`.
  package let hidden: Matrix
  /// `[rows, units]`, of cells that have a cell state.
  package let cell: Matrix?

  package init(hidden: Matrix, cell: Matrix?) {
    self.hidden = hidden
    self.cell = cell
  }
}

/// The pieces of a layer's forward and backward pass, for whoever runs several layers in step.
extension RecurrentLayer {
  /// One time step of a segment's rows, whose inputs are projected.
  package func advance(_ segment: StepSegment, _ pass: RecurrentPass, _ shard: Shard) {
    cell.forward(segment, pass, shard)
    shard.turn()
    if let mask = pass.recurrentMask {
      shard.kernels.multiply(
        pass.hidden.rows(segment.current), mask.rows(segment.rows),
        into: pass.recurrentInputs.rows(segment.current))
    }
  }

  /// Lets a pass over a single step begin its next step where the last one ended.
  func repeatStep(_ segment: StepSegment, _ pass: RecurrentPass, _ shard: Shard) {
    shard.kernels.copy(pass.hidden.rows(segment.current), into: pass.hidden.rows(segment.previous))
    if hasCellState {
      shard.kernels.copy(pass.cell.rows(segment.current), into: pass.cell.rows(segment.previous))
    }
  }

  /// One time step in the memory of a pass over one step: leaves the states where the next call finds them.
  ///
  /// - Parameters:
  ///   - inputs: Features or the token of the step.
  ///   - pass: From `makePass` without dropout.
  package func step(_ inputs: Steps<Matrix>, _ pass: RecurrentPass, _ segment: StepSegment, _ shard: Shard) {
    project(inputs, segment.positions, pass, shard)
    advance(segment, pass, shard)
    repeatStep(segment, pass, shard)
  }

  /// ∂L/∂(states) of a shard's rows on their way back through time.
  package struct BackwardStates {
    package let hidden: Matrix
    package let cell: Matrix
    /// ∂L/∂h₋₁ through the recurrent projections, where it has to be kept apart from its direct part.
    let recurrent: Matrix?
  }

  /// Begins a backward pass at the end of the sequences.
  ///
  /// - Parameters:
  ///   - finalGradient: ∂L/∂(final state) of the minibatch's rows.
  ///   - shardFinalGradient: The same of the shard's rows; with neither it is zero.
  package func beginBackward(
    finalGradient: LayerState? = nil, shardFinalGradient: ShardState? = nil, _ pass: RecurrentPass,
    _ shard: Shard
  ) -> BackwardStates {
    let isSeparate = cell.hasDirectPath || pass.recurrentMask != nil
    return BackwardStates(
      hidden: startGradient(finalGradient?.hidden, shardFinalGradient?.hidden, columns: outputSize, shard),
      cell: startGradient(
        hasCellState ? finalGradient?.cell : nil, hasCellState ? shardFinalGradient?.cell : nil,
        columns: hiddenSize, shard),
      recurrent: isSeparate ? shard.arena.matrix(rows: pass.layout.rows, columns: outputSize) : nil)
  }

  /// One time step of a segment's rows backward: turns its gates into gradients.
  ///
  /// - Parameters:
  ///   - outputGradient: As for `backward`; this step's positions are read.
  ///   - gradientNorms: As for `backward`.
  package func retreat(
    _ segment: StepSegment, _ pass: RecurrentPass, _ states: BackwardStates, outputGradient: Matrix,
    gradientNorms: Matrix?, _ shard: Shard
  ) {
    let gradient = states.hidden.rows(segment.rows)
    let through = states.recurrent?.rows(segment.rows) ?? gradient
    shard.kernels.add(outputGradient.rows(segment.positions), to: gradient)
    if let gradientNorms {
      shard.kernels.squaredNorms(of: gradient, into: gradientNorms.columns(segment.positions))
    }
    cell.backward(
      segment, pass, hiddenGradient: gradient, cellGradient: states.cell.rows(segment.rows),
      recurrentGradient: through, shard)
    shard.turn()
    if states.recurrent != nil {
      join(through, pass.recurrentMask?.rows(segment.rows), into: gradient, shard)
    }
  }

  /// From the gates' gradients of some positions to those of their inputs; nil if nobody wants them.
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

  /// Ends a backward pass: gradients of the parameters.
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

  /// gradient = its direct part, if any, + through ∘ mask.
  private func join(_ through: Matrix, _ mask: Matrix?, into gradient: Matrix, _ shard: Shard) {
    switch (cell.hasDirectPath, mask) {
    case (true, let mask?): shard.kernels.addProduct(through, mask, to: gradient)
    case (true, nil): shard.kernels.add(through, to: gradient)
    case (false, let mask?): shard.kernels.multiply(through, mask, into: gradient)
    case (false, nil): break
    }
  }
}
