/// The element-wise part of one time step of each cell; matrix products stand around these.
///
/// All matrices have one row a sequence and gates side by side, each padded to whole panels (H' columns). Padded
/// columns hold zeros and stay zero. Gate matrices hold pre-activations before `forward`, activations after it
/// and the gradients of the pre-activations after `backward`.
package protocol CellKernels {
  /// h = f(a). Gates `[rows, H']` are left as they are.
  static func elmanForward(_ activation: ElmanActivation, gates: Matrix, hidden: Matrix)
  /// da = dh ∘ f′(a), from h = f(a).
  static func elmanBackward(
    _ activation: ElmanActivation, gates: Matrix, hidden: Matrix, hiddenGradient: Matrix)

  /// i, f, o = σ(a); g = tanh(a); c = f∘c₋₁ + i∘g; h = o∘tanh(c). Gates i, f, g, o.
  static func lstmForward(gates: Matrix, previousCell: Matrix, cell: Matrix, hidden: Matrix)
  /// `cellGradient` holds ∂L/∂c from later steps on entry and ∂L/∂c₋₁ on return.
  static func lstmBackward(
    gates: Matrix, previousCell: Matrix, cell: Matrix, hiddenGradient: Matrix, cellGradient: Matrix)

  /// h = o∘tanh(n), where n is the normalised cell state.
  static func lstmOutputForward(gates: Matrix, normalizedCell: Matrix, hidden: Matrix)
  /// The output gate's part of `lstmBackward`; `normalizedGradient` receives ∂L/∂n.
  static func lstmOutputBackward(
    gates: Matrix, normalizedCell: Matrix, hiddenGradient: Matrix, normalizedGradient: Matrix)
  /// The other gates' part of `lstmBackward`; `cellGradient` holds the whole ∂L/∂c on entry.
  static func lstmCellBackward(gates: Matrix, previousCell: Matrix, cellGradient: Matrix)

  /// z, r = σ(a); resetHidden = r∘h₋₁. Gates z, r, h̃; `recurrentInput` is h₋₁, with dropout where it applies.
  static func gruResetBeforeGates(gates: Matrix, recurrentInput: Matrix, resetHidden: Matrix)
  /// h̃ = tanh(a); h = (1 − z)∘h₋₁ + z∘h̃.
  static func gruResetBeforeForward(gates: Matrix, previousHidden: Matrix, hidden: Matrix)
  /// Gradients of z and h̃. `hiddenGradient` holds ∂L/∂h on entry and its direct part to h₋₁, (1 − z)∘∂L/∂h, on
  /// return.
  static func gruResetBeforeBackward(gates: Matrix, previousHidden: Matrix, hiddenGradient: Matrix)
  /// Gradient of r from that of resetHidden, which holds its product with r, its part to h₋₁, on return.
  static func gruResetBeforeGatesBackward(gates: Matrix, recurrentInput: Matrix, resetHiddenGradient: Matrix)

  /// z, r = σ(a); h̃ = tanh(a + r∘u), u = U h₋₁ + b′ the candidate's recurrent part; h = (1 − z)∘h₋₁ + z∘h̃.
  static func gruResetAfterForward(
    gates: Matrix, recurrentCandidate: Matrix, previousHidden: Matrix, hidden: Matrix)
  /// `recurrentCandidate` holds u on entry and ∂L/∂u on return; `hiddenGradient` as in
  /// `gruResetBeforeBackward`.
  static func gruResetAfterBackward(
    gates: Matrix, recurrentCandidate: Matrix, previousHidden: Matrix, hiddenGradient: Matrix)
}

/// The activation of a vanilla recurrent cell.
package enum ElmanActivation: Sendable {
  case tanh
  case relu
}
