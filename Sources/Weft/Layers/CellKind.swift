/// A recurrent cell.
public enum CellKind: String, CaseIterable, Codable, Sendable {
  /// Vanilla, h = tanh(·).
  case tanh = "rnn-tanh"
  /// Vanilla, h = max(0, ·).
  case relu = "rnn-relu"
  /// Long short-term memory.
  case lstm
  /// Gated recurrent unit that resets the state before the candidate's product.
  case gru
  /// Gated recurrent unit that resets the candidate's product.
  case gruResetAfter = "gru-reset-after"
}
