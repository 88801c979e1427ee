import KernelInterface

extension RecurrentLayer {
  /// One time step of one row, in the memory of a pass over one step: leaves the states where the next call finds them.
  ///
  /// - Parameters:
  ///   - inputs: `[1, inputSize]`.
  ///   - pass: From `makePass` without dropout. Row 1 of its states receives the new ones, and so does row 0.
  func step(_ inputs: Matrix, _ pass: RecurrentPass, _ segment: StepSegment, _ shard: Shard) {
    input.forward(inputs, initial: .row(bias.row), into: pass.gates, record: pass.inputRecord, shard)
    cell.forward(segment, pass, shard)
    shard.kernels.copy(pass.hidden.rows(segment.current), into: pass.hidden.rows(segment.previous))
    if hasCellState {
      shard.kernels.copy(pass.cell.rows(segment.current), into: pass.cell.rows(segment.previous))
    }
  }
}
