/// Times the training of a configuration on one of the ranks that share it.
package struct RankBenchmark {
  private let loop: TrainingLoop

  /// - Parameter threads: Workers of this rank.
  /// - Throws: If the configuration is not valid, or the data cannot be read or do not fit the model; on all ranks.
  package init(_ configuration: Configuration, threads: Int, ranks: any Communicator) throws(WeftError) {
    loop = try ranks.together { () throws(WeftError) in
      try TrainingLoop(configuration, threads: threads, ranks: ranks)
    }
  }

  /// What was measured, in seconds of a step.
  package struct Result: Sendable, Codable {
    package var ranks: Int
    package var parameters: Int
    package var lanes: Int
    /// Rows of the minibatch of all ranks.
    package var batch: Int
    /// The median of the steps.
    package var step: Double
    /// From the minibatch to the gradients.
    package var compute: Double
    /// Folding, optimizer and packing.
    package var update: Double
    /// Messages, and waiting for other ranks.
    package var exchange: Double
    /// Of this machine, among so many ranks; nil for a single one.
    package var link: Link?
  }

  /// - Parameters:
  ///   - warmup: Steps before those that are timed.
  ///   - measuresLink: Whether there are other ranks to measure the link with.
  /// - Throws: If a minibatch cannot be read, or the run diverges.
  package func run(warmup: Int, steps: Int, measuresLink: Bool) throws(WeftError) -> Result {
    var warm = TimedSteps()
    try warm.run(loop, steps: warmup)
    var timed = TimedSteps()
    try timed.run(loop, steps: steps)
    let (step, count) = (timed.seconds.median, Double(steps))
    let (update, exchange) = (timed.times.update / count, timed.times.exchange / count)
    let mean = timed.seconds.reduce(0, +) / count
    return Result(
      ranks: loop.ranks.count, parameters: loop.model.layout.count, lanes: loop.configuration.training.lanes,
      batch: loop.configuration.training.batch, step: step, compute: max(0, mean - update - exchange),
      update: update, exchange: exchange, link: measuresLink ? Link.measure(loop.ranks) : nil)
  }
}
