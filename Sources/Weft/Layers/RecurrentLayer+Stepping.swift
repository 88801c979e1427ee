import KernelInterface

extension RecurrentLayer {
  /// One time step of one row, in the memory of a pass over one step: leaves the states where the next call finds them.
  ///
  /// - Parameters:
  ///   - inputs: Features or the token of the step.
  ///   - pass: From `makePass` without dropout. Row 1 of its states receives the new ones, and so does row 0.
  func step(_ inputs: LayerInput, _ pass: RecurrentPass, _ segment: StepSegment, _ shard: Shard) {
    project(inputs, segment.positions, pass, shard)
    cell.forward(segment, pass, shard)
    shard.turn()
    shard.kernels.copy(pass.hidden.rows(segment.current), into: pass.hidden.rows(segment.previous))
    if hasCellState {
      shard.kernels.copy(pass.cell.rows(segment.current), into: pass.cell.rows(segment.previous))
    }
  }
}
