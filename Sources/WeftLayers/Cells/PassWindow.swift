import KernelInterface

/// What a pass has whose gates and cell states are in float32 for a few steps at a time: those of a block, and the cell
/// states of the step before it.
struct PassWindow {
  /// c after each row's last step, `[rows, cell size]`; nil without a cell state.
  let finalCell: Matrix?
  /// Position of each row's last step.
  let finalPositions: [Int32]
  /// Windows before this one.
  var number = 0
}
