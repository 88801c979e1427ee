import WeftLayers

/// Exact backpropagation through sequences whose activations exceed the memory budget (gradient checkpointing).
///
/// A first forward pass saves only the states at segment boundaries. Then, from the last segment to the first, each is
/// recomputed forward from its boundary and backward from the gradient of its final states (Chen et al. 2016). Every
/// step is computed forward twice and backward once: 4/3 of the time, for memory proportional to the number of segments
/// instead of the number of steps.
package struct SegmentedBackpropagation: Sendable {
  /// The time steps of each segment, in order.
  package let ranges: [Range<Int>]
  private let lengths: [Int]
  /// Rows per minibatch.
  package var batch: Int { lengths.count }

  /// - Parameters:
  ///   - lengths: Lengths of the minibatch's rows, descending.
  ///   - steps: Time steps per segment.
  package init(lengths: [Int], steps: Int) {
    precondition(steps > 0)
    self.lengths = lengths
    let total = lengths[0]
    let count = (total + steps - 1) / steps
    // Segments of nearly equal size: the longest determines the memory needed.
    ranges = (0..<count).map { total * $0 / count..<total * ($0 + 1) / count }
  }

  /// A segment to process.
  package struct Part: Sendable {
    /// Index of the segment in time.
    package let index: Int
    package let segment: Segment
    /// States before the segment; nil for the model's own.
    package let initial: RecurrentState?
    /// Forward only: receives the states after the segment.
    package let final: RecurrentState?
    /// Backward only: ∂L/∂(states after the segment).
    package let finalGradient: RecurrentState?
    /// Backward only: receives ∂L/∂(states before the segment).
    package let initialGradient: RecurrentState?
  }

  /// - Parameters:
  ///   - initial: States before the first step; nil for the model's own.
  ///   - makeState: Allocates states of the whole minibatch, initially zero.
  ///   - forward: Runs a segment forward and saves only its final states. Not called for the last segment.
  ///   - backward: Runs a segment forward and backward; gradients accumulate if the segment says so.
  package func run(
    initial: RecurrentState?, makeState: () -> RecurrentState, forward: (Part) -> Void,
    backward: (Part) -> Void
  ) {
    var starts = [initial]
    for index in ranges.indices.dropLast() {
      let final = makeState()
      forward(
        Part(
          index: index, segment: segment(index, accumulates: false), initial: starts[index], final: final,
          finalGradient: nil, initialGradient: nil))
      starts.append(final)
    }
    if ranges.count == 1 {
      return backward(
        Part(
          index: 0, segment: segment(0, accumulates: false), initial: initial, final: nil, finalGradient: nil,
          initialGradient: nil))
    }
    // Rows that end inside a segment have no gradient from later segments: it stays zero in both.
    var gradients = (later: makeState(), earlier: makeState())
    for index in ranges.indices.reversed() {
      backward(
        Part(
          index: index, segment: segment(index, accumulates: index != ranges.count - 1),
          initial: starts[index], final: nil, finalGradient: gradients.later,
          initialGradient: gradients.earlier))
      swap(&gradients.later, &gradients.earlier)
      starts.removeLast()
    }
  }

  private func segment(_ index: Int, accumulates: Bool) -> Segment {
    let range = ranges[index]
    let active = lengths.prefix { $0 > range.lowerBound }
    var segment = Segment(
      firstStep: range.lowerBound,
      lengths: active.map { min($0, range.upperBound) - range.lowerBound }, batch: lengths.count)
    segment.accumulates = accumulates
    return segment
  }
}
