/// Throughput measured with several thread counts, in rounds.
package struct ThroughputSeries: Sendable {
  /// Thread counts, ascending.
  package let threads: [Int]
  /// Throughput by thread count and round.
  package let rounds: [[Double]]
  /// Nil with a single thread count.
  package let estimate: ScalabilityEstimate?

  package init(threads: [Int], rounds: [[Double]]) {
    self.threads = threads
    self.rounds = rounds
    estimate = ScalabilityEstimate(
      workers: threads,
      rounds: rounds[0].indices.map { round in rounds.map { $0[round] } })
  }
}
