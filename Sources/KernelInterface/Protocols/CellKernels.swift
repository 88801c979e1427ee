/// The element-wise part of one time step of each cell; the layer computes the matrix products in between.
///
/// States are `[B, H]`, the number of their columns gives H; gates are `[B, G × H′]`, side by side. Kernels read and
/// write whole vectors: all rows have H′ columns in memory. Padding is zero in states and gradients and stays zero; that
/// of gates is zero before the forward and after the backward kernels.
///
/// Gates hold the pre-activations a before the forward kernel, the activations after it, and da after the backward
/// kernel.
package protocol CellKernels {
  /// h from a; the gates `[B, H′]` keep their values.
  static func elmanForward(_ activation: ElmanActivation, gates: Matrix, hidden: Matrix)
  /// da from dh and h.
  static func elmanBackward(
    _ activation: ElmanActivation, gates: Matrix, hidden: Matrix, hiddenGradient: Matrix)

  /// A whole step: gates i, f, g, o, cell state c and hidden state h.
  static func lstmForward(gates: Matrix, previousCell: Matrix, cell: Matrix, hidden: Matrix)
  /// `cellGradient` holds dc from later steps on entry and dc₋₁ on return.
  static func lstmBackward(
    gates: Matrix, previousCell: Matrix, cell: Matrix, hiddenGradient: Matrix, cellGradient: Matrix)

  /// The first half of a step, for cells that compute something between c and o: gates i, f, g, and c. The output gate
  /// stays a pre-activation.
  static func lstmCellForward(gates: Matrix, previousCell: Matrix, cell: Matrix)
  /// The second half: the gate o, and h from the state n that it reads, which is c or normalised c.
  static func lstmOutputForward(gates: Matrix, state: Matrix, hidden: Matrix)
  /// The backward pass of `lstmOutputForward`: the gradient of o. `stateGradient` is overwritten by dn and may be
  /// `hiddenGradient`.
  static func lstmOutputBackward(
    gates: Matrix, state: Matrix, hiddenGradient: Matrix, stateGradient: Matrix)
  /// The backward pass of `lstmCellForward`: the gradients of i, f, g. `cellGradient` holds dc, all parts of it, on
  /// entry and dc₋₁ on return.
  static func lstmCellBackward(gates: Matrix, previousCell: Matrix, cellGradient: Matrix)

  /// Gates z and r of z, r, h̃, and r∘h₋₁; h̃ stays a pre-activation. `recurrentInput` is h₋₁, after dropout if there
  /// is any.
  static func gruResetBeforeGates(gates: Matrix, recurrentInput: Matrix, resetHidden: Matrix)
  /// The gate h̃, and h.
  static func gruResetBeforeForward(gates: Matrix, previousHidden: Matrix, hidden: Matrix)
  /// The gradients of z and h̃. `hiddenGradient` holds dh on entry and its direct part of dh₋₁ on return.
  static func gruResetBeforeBackward(gates: Matrix, previousHidden: Matrix, hiddenGradient: Matrix)
  /// The gradient of r. `resetHiddenGradient` holds that of r∘h₋₁ on entry and its part of dh₋₁ on return.
  static func gruResetBeforeGatesBackward(gates: Matrix, recurrentInput: Matrix, resetHiddenGradient: Matrix)

  /// A whole step: gates z, r, h̃, and h. `recurrentCandidate` is u, the recurrent part of h̃, `[B, H]`.
  static func gruResetAfterForward(
    gates: Matrix, recurrentCandidate: Matrix, previousHidden: Matrix, hidden: Matrix)
  /// `recurrentCandidate` holds u on entry and du on return; `hiddenGradient` as in `gruResetBeforeBackward`.
  static func gruResetAfterBackward(
    gates: Matrix, recurrentCandidate: Matrix, previousHidden: Matrix, hiddenGradient: Matrix)

  /// A whole step of a minGRU: gates z, h̃, and h.
  static func minimalGRUForward(gates: Matrix, previousHidden: Matrix, hidden: Matrix)
  /// `hiddenGradient` holds dh on entry and dh₋₁ on return.
  static func minimalGRUBackward(gates: Matrix, previousHidden: Matrix, hiddenGradient: Matrix)

  /// A whole step of an sLSTM: gates i, f, z, o, the cell state c, n, m `[B, 3 × H]` and h. The gates i and f stay
  /// pre-activations.
  static func slstmForward(gates: Matrix, previousCell: Matrix, cell: Matrix, hidden: Matrix)
  /// `cellGradient` `[B, 3 × H]` holds dc, dn and dm from later steps on entry, those of the step before on return.
  static func slstmBackward(
    gates: Matrix, previousCell: Matrix, cell: Matrix, hiddenGradient: Matrix, cellGradient: Matrix)

  /// A whole step of an LRU: h `[B, 2 × H]`, real beside imaginary parts, from the gates of both, which keep their values.
  /// `coefficients` `[1, 5 × H′]` are Re λ, Im λ, γ, −exp(ν) and exp(θ).
  static func lruForward(gates: Matrix, coefficients: Matrix, previousHidden: Matrix, hidden: Matrix)
  /// `hiddenGradient` holds dh on entry and dh₋₁ on return; `sums` `[B, 3 × H′]` receives dν, dθ and dg.
  static func lruBackward(
    gates: Matrix, coefficients: Matrix, previousHidden: Matrix, hiddenGradient: Matrix, sums: Matrix)

  /// A whole step of a minLSTM: gates f, i, h̃, and h.
  static func minimalLSTMForward(gates: Matrix, previousHidden: Matrix, hidden: Matrix)
  /// `hiddenGradient` holds dh on entry and dh₋₁ on return.
  static func minimalLSTMBackward(gates: Matrix, previousHidden: Matrix, hiddenGradient: Matrix)
}

/// The activation of a vanilla recurrent cell.
package enum ElmanActivation: Sendable {
  case tanh
  case relu
}
