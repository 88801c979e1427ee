/// Consecutive rows of a matrix for each row of another.
package struct RowSpans: Sendable, Equatable {
  /// The first row of each span.
  package let starts: [Int32]
  /// Rows of each span.
  package let counts: [Int32]

  package init(starts: [Int32], counts: [Int32]) {
    precondition(starts.count == counts.count)
    self.starts = starts
    self.counts = counts
  }

  /// Rows of the longest span.
  package var longest: Int { Int(counts.max() ?? 0) }
}
