/// Consecutive time steps of a minibatch that are processed together, usually all of them.
package struct Segment: Sendable, Equatable {
  /// Time steps before the segment.
  package let firstStep: Int
  /// Time steps of each row inside the segment, descending; rows that end before it are omitted.
  package let lengths: [Int]
  /// Rows of the whole minibatch.
  package let batch: Int
  /// Whether gradients are added to those of the segments processed before.
  package var accumulates = false

  package init(firstStep: Int = 0, lengths: [Int], batch: Int? = nil) {
    self.firstStep = firstStep
    self.lengths = lengths
    self.batch = batch ?? lengths.count
  }
}
