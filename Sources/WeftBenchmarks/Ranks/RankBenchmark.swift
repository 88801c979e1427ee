import WeftBase
import WeftParallel
import WeftTasks
import WeftTraining

/// Times the training of a configuration on one of several ranks.
package struct RankBenchmark {
  private let loop: TrainingLoop

  /// - Parameter threads: Number of workers of this rank.
  /// - Throws: If the configuration is invalid, or the data cannot be read or does not match the model; on all ranks.
  package init(_ configuration: Configuration, threads: Int, ranks: any Communicator) throws(WeftError) {
    loop = try ranks.together { () throws(WeftError) in
      try TrainingLoop(configuration, threads: threads, ranks: ranks)
    }
  }

  /// Durations of parts of an optimizer step, or medians of several, in seconds.
  package struct Times: Sendable, Codable {
    package var step: Double
    /// From the minibatch to the gradients.
    package var compute: Double
    /// Reduction, optimizer and packing.
    package var update: Double
    /// Messages, and waiting for other ranks.
    package var exchange: Double
  }

  /// Work shared by the ranks.
  package struct Work: Sendable, Codable {
    package var parameters: Int
    package var lanes: Int
    /// Rows of the minibatch over all ranks.
    package var batch: Int
  }

  package var work: Work {
    Work(
      parameters: loop.model.layout.count, lanes: loop.configuration.training.lanes,
      batch: loop.configuration.training.batch)
  }

  /// Times steps without overlapped exchange.
  ///
  /// - Parameter warmup: Warm-up steps before timing.
  /// - Throws: If a minibatch cannot be read, or the run diverges.
  package func steps(_ steps: Int, warmup: Int) throws(WeftError) -> Times {
    for _ in 0..<warmup { _ = try step(overlaps: false) }
    var times: [Times] = []
    for _ in 0..<steps { times.append(try step(overlaps: false)) }
    return .median(times)
  }

  /// Times the next step.
  ///
  /// - Parameter overlaps: Whether gradients are exchanged during the backward pass or after it.
  /// - Throws: If a minibatch cannot be read, or the run diverges.
  package func step(overlaps: Bool) throws(WeftError) -> Times {
    loop.executor.overlapsExchange = overlaps
    var timed = TimedSteps()
    try timed.run(loop, steps: 1)
    let (step, update, exchange) = (timed.seconds[0], timed.times.update, timed.times.exchange)
    return Times(step: step, compute: max(0, step - update - exchange), update: update, exchange: exchange)
  }
}

extension RankBenchmark.Times {
  /// Median of each part.
  package static func median(_ times: [Self]) -> Self {
    Self(
      step: times.map(\.step).median, compute: times.map(\.compute).median,
      update: times.map(\.update).median,
      exchange: times.map(\.exchange).median)
  }
}
