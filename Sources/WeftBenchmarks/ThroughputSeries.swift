/// Throughput measured with several numbers of threads, in rounds.
package struct ThroughputSeries: Sendable {
  /// Ascending.
  package let threads: [Int]
  /// For each number of threads, the throughput in each round.
  package let rounds: [[Double]]
  /// nil where one number of threads was measured alone.
  package let estimate: ScalabilityEstimate?

  package init(threads: [Int], rounds: [[Double]]) {
    self.threads = threads
    self.rounds = rounds
    estimate = ScalabilityEstimate(
      workers: threads,
      rounds: rounds[0].indices.map { round in rounds.map { $0[round] } })
  }
}
