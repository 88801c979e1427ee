/// Initial values to which the result of a kernel is added.
package enum InitialValue: Sendable {
  /// The result is overwritten and may hold anything before, NaN included.
  case zero
  /// The same row `[1, columns padded to whole vectors]` for every row of the result.
  case row(Matrix)
  /// The result's own elements.
  case result

  /// The value for some columns of the result, whole vectors.
  package func columns(_ range: Range<Int>) -> InitialValue {
    if case .row(let row) = self { return .row(row.columns(range)) }
    return self
  }
}
