/// What a matrix product is added to.
package enum InitialValue: Sendable {
  /// C is overwritten and may hold anything, NaN included.
  case zero
  /// The same row `[1, columns padded to whole panels]` for every row of C.
  case row(Matrix)
  /// C's own elements.
  case result

  /// The value for some columns of C, whole panels.
  package func columns(_ range: Range<Int>) -> InitialValue {
    if case .row(let row) = self { return .row(row.columns(range)) }
    return self
  }
}
