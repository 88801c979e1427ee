/// The activations of a gated cell: of its gates, and of its candidate and cell state.
public struct CellActivations: Equatable, Sendable {
  /// Of the candidate, and in an LSTM of the cell state.
  public var state: Activation
  /// Of the gates that control what is kept.
  public var gates: Activation

  /// - Precondition: The gradients of both follow from their outputs.
  public init(state: Activation, gates: Activation) {
    precondition(!state.gradientReadsInputs && !gates.gradientReadsInputs)
    self.state = state
    self.gates = gates
  }
}
