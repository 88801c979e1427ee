/// The kernels of `CellKernels` for other activations than tanh and σ. They have the same operands.
package protocol ActivatedCellKernels {
  static func lstmForward(
    _ activations: CellActivations, gates: Matrix, previousCell: Matrix, cell: Matrix, hidden: Matrix)
  static func lstmBackward(
    _ activations: CellActivations, gates: Matrix, previousCell: Matrix, cell: Matrix, hiddenGradient: Matrix,
    cellGradient: Matrix)

  static func gruResetBeforeGates(
    _ activations: CellActivations, gates: Matrix, recurrentInput: Matrix, resetHidden: Matrix)
  static func gruResetBeforeForward(
    _ activations: CellActivations, gates: Matrix, previousHidden: Matrix, hidden: Matrix)
  static func gruResetBeforeBackward(
    _ activations: CellActivations, gates: Matrix, previousHidden: Matrix, hiddenGradient: Matrix)
  static func gruResetBeforeGatesBackward(
    _ activations: CellActivations, gates: Matrix, recurrentInput: Matrix, resetHiddenGradient: Matrix)

  static func gruResetAfterForward(
    _ activations: CellActivations, gates: Matrix, recurrentCandidate: Matrix, previousHidden: Matrix,
    hidden: Matrix)
  static func gruResetAfterBackward(
    _ activations: CellActivations, gates: Matrix, recurrentCandidate: Matrix, previousHidden: Matrix,
    hiddenGradient: Matrix)
}
