import KernelInterface
import WeftBase
import WeftTensor

/// One recurrent layer in one direction: projects the inputs of all steps at once, then runs the cell step by step.
package struct RecurrentLayer: Sendable {
  package let kind: CellType
  package let direction: Direction
  /// Units per gate.
  package let hiddenSize: Int
  /// Size of the hidden state.
  package let outputSize: Int
  package let inputSize: Int
  /// Distinguishes this layer's dropout masks from those of other layers.
  let purpose: UInt32
  let recurrentDropout: Float
  package let zoneout: Zoneout?
  package let cellZoneout: Zoneout?
  /// DropConnect of the recurrent weights; nil without it.
  package let dropConnect: DropConnect?
  package let cell: any RecurrentCell
  package let input: Projection
  package let bias: PaddedRow
  /// Learned initial states; nil for zero.
  let initialHidden: Parameter?
  let initialCell: Parameter?

  /// Projected tokens, if the layer's inputs are tokens.
  package var tokenTable: TokenTable?

  package var hasCellState: Bool { kind.hasCellState }
  /// Columns of the cell state.
  package var cellSize: Int { kind.cellVectors * hiddenSize }

  /// Bytes of the weights of one time step.
  package var stepWeightBytes: Int {
    ([input] + cell.projections).reduce(0) { $0 + $1.forwardBytes }
  }

  package func pack(_ engine: Engine, parameters: Matrix, worker: Int, workers: Int) {
    for projection in [input] + cell.projections {
      projection.pack(engine, parameters: parameters, worker: worker, workers: workers)
    }
    if worker == 0 { bias.pack(engine, parameters: parameters) }
    cell.pack(engine, parameters: parameters, worker: worker, workers: workers)
  }

  /// Computes the hidden states of every position.
  ///
  /// - Parameters:
  ///   - inputs: Features or tokens of every position.
  ///   - initial: Initial states of the minibatch's rows; nil for the layer's own.
  /// - Returns: The activations; the hidden state after position p is row `rows + p` of `hidden`.
  package func forward(_ inputs: Steps<Matrix>, initial: LayerState?, _ shard: Shard) -> RecurrentPass {
    var pass = makePass(initial: initial, hasWindow: usesWindow(shard), shard)
    let layout = shard.layout
    for block in layout.blocks(direction, positions: blockPositions) {
      pass = openWindow(over: block, after: pass, shard)
      project(inputs, block.positions, pass, shard)
      for step in block.steps {
        for segment in layout.segments(step: step, direction) { stepForward(segment, pass, shard) }
      }
      closeWindow(block, pass, shard)
    }
    return pass
  }

  /// Allocates the activations of a shard and fills in the initial states.
  ///
  /// - Parameters:
  ///   - initial: Initial states of the minibatch's rows.
  ///   - shardInitial: Initial states of the shard's rows. Without either, the layer's own are used.
  ///   - hasWindow: Whether some steps' gates and cell states at a time are in float32, not all.
  package func makePass(
    initial: LayerState?, shardInitial: ShardState? = nil, hasWindow: Bool = false, _ shard: Shard
  ) -> RecurrentPass {
    let layout = shard.layout
    let arena = shard.arena
    let states = layout.rows + layout.positions
    let hidden = arena.matrix(rows: states, columns: outputSize)
    let mask = recurrentMask(shard)
    let values = hasWindow ? makeWindow(shard) : nil
    let pass = RecurrentPass(
      layout: layout,
      gates: values?.gates ?? StepValues(arena.matrix(rows: layout.positions, columns: input.outputs)),
      hidden: hidden,
      cell: values?.cell
        ?? StepValues(arena.matrix(rows: hasCellState ? states : 0, columns: cellSize)),
      window: values?.window,
      recurrentInputs: mask == nil ? hidden : arena.matrix(rows: states, columns: outputSize),
      recurrentMask: mask, startsFromLearnedState: initial == nil && shardInitial == nil,
      startsFromZero: initial == nil && shardInitial == nil && initialHidden == nil && initialCell == nil,
      zonedHidden: zoneout?.state(columns: outputSize, shard),
      zonedCell: cellZoneout?.state(columns: cellSize, shard),
      inputRecord: input.record(rows: layout.positions, arena: arena),
      records: cell.recurrentProjections.map { $0.record(rows: layout.positions, arena: arena) },
      kept: cell.kept.map { arena.matrix(rows: layout.positions, columns: $0) })

    let initialRows = 0..<layout.rows
    fillInitial(
      pass.hidden.rows(initialRows), carried: initial?.hidden, shardInitial?.hidden, learned: initialHidden,
      shard)
    if hasCellState {
      fillInitial(
        pass.cell.rows(initialRows), carried: initial?.cell, shardInitial?.cell, learned: initialCell, shard)
    }
    if let mask {
      shard.kernels.multiply(hidden.rows(initialRows), mask, into: pass.recurrentInputs.rows(initialRows))
    }
    return pass
  }

  /// Computes the gradients of parameters, inputs and initial states.
  ///
  /// - Parameters:
  ///   - outputGradient: ∂L/∂h of every position from the layers above, `[positions, output size]`.
  ///   - finalGradient: ∂L/∂(final state) of the minibatch's rows; nil for zero.
  ///   - shardFinalGradient: The same for the shard's rows.
  ///   - inputGradient: Receives ∂L/∂inputs, if not nil. May be the same memory as `outputGradient`.
  ///   - initialGradient: Receives ∂L/∂(initial state) of the minibatch's rows, if not nil.
  ///   - gradientNorms: `[1, positions]`, receives ‖∂L/∂h_t‖² of every position, if not nil.
  package func backward(
    _ pass: RecurrentPass, inputs: Steps<Matrix>, outputGradient: Matrix, finalGradient: LayerState?,
    shardFinalGradient: ShardState? = nil, inputGradient: Matrix?, initialGradient: LayerState?,
    gradientNorms: Matrix?, _ shard: Shard
  ) {
    var pass = pass
    pass.wantsInitialGradient = initialGradient != nil
    let layout = pass.layout
    let states = beginBackward(
      finalGradient: finalGradient, shardFinalGradient: shardFinalGradient, pass, shard)
    pass.cell.roundInitial(shard)
    for block in layout.blocks(direction, positions: blockPositions).reversed() {
      pass = reopenWindow(over: block, pass, shard)
      for step in block.steps.reversed() {
        for segment in layout.segments(step: step, direction) {
          stepBackward(
            segment, pass, states, outputGradient: outputGradient, gradientNorms: gradientNorms, shard)
        }
      }
      backwardInput(block.positions, pass, into: inputGradient?.rows(block.positions), shard)
      pass.gates.round(block.positions, shard)
    }
    if let initialGradient {
      shard.kernels.scatterRows(states.hidden, to: shard.globalRows, of: initialGradient.hidden.matrix)
      if let cells = initialGradient.cell {
        shard.kernels.scatterRows(states.cell, to: shard.globalRows, of: cells.matrix)
      }
    }
    finishBackward(pass, inputs: inputs, states, shard)
  }

  /// Positions whose input projection is computed just before their steps, and whose input gradient just after them,
  /// while their gates are in the L2 cache. Larger blocks amortize streaming large input weights.
  var blockPositions: Int {
    let gateBytes = input.outputs * MemoryLayout<Float>.stride
    return max(64, (384 << 10) / gateBytes, input.forwardBytes > 8 << 20 ? 384 : 0)
  }

  /// The states after the last step of some rows, a row each.
  package func finalState(_ pass: RecurrentPass, rows: [Int32], _ shard: Shard) -> ShardState {
    let final = pass.layout.finalPositions(direction)
    let states = rows.map { final[Int($0)] + Int32(pass.layout.rows) }
    func gather(_ table: Matrix, _ indices: [Int32]) -> Matrix {
      let result = shard.arena.matrix(rows: indices.count, columns: table.columns)
      shard.kernels.gatherRows(table: table, indices: indices, into: result.padded)
      return result
    }
    let hidden = gather(pass.hidden, states)
    guard hasCellState else { return ShardState(hidden: hidden, cell: nil) }
    let cell = pass.window?.finalCell.map { gather($0, rows) } ?? gather(pass.cell.matrix, states)
    return ShardState(hidden: hidden, cell: cell)
  }

  /// Copies the final state of each row to the minibatch's rows of `state`.
  package func storeFinal(_ pass: RecurrentPass, into state: LayerState, _ shard: Shard) {
    let final = finalState(pass, rows: Array(0..<Int32(pass.layout.rows)), shard)
    shard.kernels.scatterRows(final.hidden, to: shard.globalRows, of: state.hidden.matrix)
    if let cells = state.cell, let cell = final.cell {
      shard.kernels.scatterRows(cell, to: shard.globalRows, of: cells.matrix)
    }
  }

  /// Computes the gradients of the parameters from the gate gradients of all positions.
  func accumulate(
    _ pass: RecurrentPass, inputs: Steps<Matrix>, hiddenGradient: Matrix, cellGradient: Matrix, _ shard: Shard
  ) {
    let layout = pass.layout
    let previousStates = layout.previousStates(direction)
    if case .features(let inputs) = inputs, let record = pass.inputRecord {
      input.accumulateNormalized(
        inputs: inputs, inputRows: nil, gradient: pass.gates.matrix, record: record,
        index: layout.lanePositions,
        shard)
      cell.accumulateNormalized(pass, previousStates: previousStates, shard)
      shard.columnSums(
        values: pass.gates.matrix, factors: nil, width: hiddenSize, rows: layout.lanePositions,
        outputs: shard.gradients(of: bias.parameter))
    } else {
      for group in cell.gradientGroups(pass, previousStates: previousStates, shard) {
        var operands = group.operands
        if let gates = group.inputGates, case .features(let inputs) = inputs {
          operands.append(input.operand(inputs, rows: nil, gates: gates, shard))
          operands.append(bias.operand(gates: gates, shard))
        }
        if operands.isEmpty { continue }
        shard.outerProducts(
          operands, right: group.right, width: group.width ?? hiddenSize, index: layout.lanePositions)
      }
      if let tokenTable, case .tokens(let tokens) = inputs {
        shard.tokenSums(
          pass.gates.stored, width: input.outputs, tokens: tokens, index: layout.lanePositions,
          outputs: shard.gradients.map { tokenTable.gradient(in: $0) })
      }
    }
    cell.accumulateOther(pass, previousStates: previousStates, shard)
    for (parameter, gradient) in [(initialHidden, hiddenGradient), (initialCell, cellGradient)] {
      guard let parameter else { continue }
      // Rows that started from a given state contribute nothing to the learned one.
      let rows = pass.startsFromLearnedState ? layout.laneRows : LaneIndex(emptyLanes: layout.lanes)
      shard.columnSums(
        values: gradient, factors: nil, width: parameter.columns, rows: rows,
        outputs: shard.gradients(of: parameter))
    }
  }

  /// W x + b, the input part of the pre-activations, at some positions.
  package func project(
    _ inputs: Steps<Matrix>, _ positions: Range<Int>, _ pass: RecurrentPass, _ shard: Shard
  ) {
    let gates = pass.gates.rows(positions)
    switch inputs {
    case .features(let features):
      input.forward(
        features.rows(positions), initial: .row(bias.row), into: gates,
        record: pass.inputRecord?.rows(positions), shard)
    case .tokens(let tokens):
      guard let tokenTable else { preconditionFailure("the layer has no token table") }
      let indices = positions == tokens.indices ? tokens : Array(tokens[positions])
      shard.kernels.gatherRows(table: tokenTable.projected.matrix, indices: indices, into: gates)
    }
  }

  /// Variational dropout: one mask per row for all time steps (Gal and Ghahramani 2016).
  private func recurrentMask(_ shard: Shard) -> Matrix? {
    guard let key = shard.dropoutKey, recurrentDropout > 0 else { return nil }
    let mask = shard.arena.matrix(rows: shard.layout.rows, columns: outputSize)
    shard.kernels.dropoutMask(
      key: RandomKey(seed: key.seed, purpose: purpose, step: key.step), rows: shard.globalRows,
      rate: recurrentDropout, width: outputSize, into: mask)
    return mask
  }

  private func fillInitial(
    _ initial: Matrix, carried: Tensor?, _ given: Matrix?, learned: Parameter?, _ shard: Shard
  ) {
    if let given {
      shard.kernels.copy(given, into: initial)
    } else if let carried {
      shard.kernels.gatherRows(table: carried.matrix, indices: shard.globalRows, into: initial)
    } else if let learned {
      shard.kernels.gatherRows(
        table: learned.matrix(in: shard.parameters),
        indices: [Int32](repeating: 0, count: shard.layout.rows), into: initial)
    } else {
      shard.kernels.fill(initial, with: 0)
    }
  }
}
