import KernelInterface
import WeftTensor

/// Passes whose gates and cell states are in float32 for a few steps at a time.
extension RecurrentLayer {
  /// Whether gates and cell states are in float32 for some steps at a time alone: if no backward pass reads them, or if
  /// products round the gates' gradients anyway.
  func usesWindow(_ shard: Shard) -> Bool {
    allowsWindow && !shard.keepsAllSteps && (!shard.wantsGradients || roundsSteps)
  }

  /// Whether a backward pass reads rounded gates and cell states.
  var roundsSteps: Bool { allowsWindow && input.dotAlgorithm == .bf16_bf16_f32 }

  private var allowsWindow: Bool {
    cell.readsRoundedSteps && input.gain == nil && zoneout == nil && cellZoneout == nil
  }

  /// Gates, cell states and the window of a pass that has one.
  func makeWindow(_ shard: Shard) -> (gates: StepValues, cell: StepValues, window: PassWindow) {
    let (layout, arena) = (shard.layout, shard.arena)
    func values(_ columns: Int, initialRows: Int) -> StepValues {
      StepValues(
        initial: arena.matrix(rows: initialRows, columns: columns),
        rounded: shard.wantsGradients
          ? arena.bfloat16Matrix(rows: layout.positions, columns: columns) : nil)
    }
    let gates = values(input.outputs, initialRows: 0)
    guard hasCellState else {
      return (
        gates, StepValues(arena.matrix(rows: 0, columns: 0)),
        PassWindow(finalCell: nil, finalPositions: [])
      )
    }
    return (
      gates, values(cellSize, initialRows: layout.rows),
      PassWindow(
        finalCell: arena.matrix(rows: layout.rows, columns: cellSize),
        finalPositions: layout.finalPositions(direction))
    )
  }

  /// The pass with a window over a block; a pass without windows as it is.
  ///
  /// - Parameter previous: The pass with a window over the block before, whose last cell states are copied.
  func openWindow(over block: StepBlock, after previous: RecurrentPass, _ shard: Shard) -> RecurrentPass {
    guard var window = previous.window else { return previous }
    window.number += 1
    let pass = move(previous, window, over: block, shard)
    let before = pass.layout.positions(before: block, direction)
    if hasCellState, !before.isEmpty {
      shard.kernels.copy(previous.cell.atPositions(before), into: pass.cell.atPositions(before))
    }
    return pass
  }

  /// Rounds a block's values for the backward pass, and keeps the cell states of rows that end in it.
  func closeWindow(_ block: StepBlock, _ pass: RecurrentPass, _ shard: Shard) {
    guard let window = pass.window else { return }
    pass.gates.round(block.positions, shard)
    guard let final = window.finalCell else { return }
    pass.cell.round(block.positions, shard)
    for (row, position) in window.finalPositions.enumerated() where block.positions.contains(Int(position)) {
      shard.kernels.copy(
        pass.cell.atPositions(Int(position)..<Int(position) + 1), into: final.rows(row..<row + 1))
    }
  }

  /// The pass with a window over a block in the backward pass; a pass without windows as it is.
  func reopenWindow(over block: StepBlock, _ pass: RecurrentPass, _ shard: Shard) -> RecurrentPass {
    guard let window = pass.window else { return pass }
    let pass = move(pass, window, over: block, shard)
    pass.gates.widen(block.positions, shard)
    if hasCellState { pass.cell.widen(positions(of: block, pass), shard) }
    return pass
  }

  private func move(
    _ pass: RecurrentPass, _ window: PassWindow, over block: StepBlock, _ shard: Shard
  ) -> RecurrentPass {
    var pass = pass
    pass.window = window
    let rows = blockRows(pass.layout)
    let (gateStride, cellStride) = (Tensor.stride(columns: input.outputs), Tensor.stride(columns: cellSize))
    let gateElements = rows * gateStride
    // Cell states of two windows in turn, as one begins with states of the other.
    let cellElements = hasCellState ? (rows + pass.layout.rows) * cellStride : 0
    let memory = shard.arena.scratch(
      byteCount: (gateElements + 2 * cellElements) * MemoryLayout<Float>.stride, for: .window
    ).bound(to: Float.self)
    pass.gates = pass.gates.window(
      over: block.positions,
      memory: Matrix(
        pointer: memory, rows: block.positions.count, columns: input.outputs, stride: gateStride))
    if hasCellState {
      let positions = positions(of: block, pass)
      let cells = Matrix(
        pointer: memory + gateElements + window.number % 2 * cellElements, rows: positions.count,
        columns: cellSize, stride: cellStride)
      let padding = cells.padded.columns(cellSize..<cells.padded.columns)
      if padding.columns > 0 { shard.kernels.fill(padding, with: 0) }
      pass.cell = pass.cell.window(over: positions, memory: cells)
    }
    return pass
  }

  /// Positions of a block and of the step before it, which meet.
  private func positions(of block: StepBlock, _ pass: RecurrentPass) -> Range<Int> {
    let before = pass.layout.positions(before: block, direction)
    let first = min(block.positions.lowerBound, before.lowerBound)
    return first..<max(block.positions.upperBound, before.upperBound)
  }

  /// Most positions of a block, which may have up to a step more than it needs.
  private func blockRows(_ layout: SequenceLayout) -> Int {
    min(layout.positions, blockPositions + layout.rows)
  }
}
