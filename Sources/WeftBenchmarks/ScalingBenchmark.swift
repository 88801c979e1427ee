import WeftBase
import WeftTasks
import WeftTraining

/// Times the training of a configuration with several thread counts.
///
/// Strong scaling gives all of them the configuration's minibatch; weak scaling gives n threads n times as many rows.
package struct ScalingBenchmark {
  private let configuration: Configuration
  private let threads: [Int]
  private let clock: StepClock

  /// - Parameter threads: Thread counts to measure.
  /// - Throws: If one of them is below 1 or exceeds the lanes or the CPUs.
  package init(_ configuration: Configuration, threads: [Int], clock: StepClock = .wall) throws(WeftError) {
    let cores = AvailableProcessors.count
    let lanes = configuration.training.lanes
    for count in threads {
      if count < 1 { throw .usage("--threads: must be at least 1, not \(count)") }
      if count > cores {
        throw .usage("--threads: \(count) exceeds the \(cores) CPUs available")
      }
      if count > lanes { throw .usage("--threads: \(count) exceeds training.lanes, \(lanes)") }
    }
    if threads.isEmpty { throw .usage("--threads: expected at least one number") }
    self.configuration = configuration
    self.threads = Set(threads).sorted()
    self.clock = clock
  }

  /// Measurement of one thread count.
  package struct Point {
    package let threads: Int
    /// Rows of a minibatch.
    package let batch: Int
    /// The steps of each round.
    package let rounds: [TimedSteps]

    /// Steps of all rounds.
    package let steps: TimedSteps
    /// Clock of the rates.
    fileprivate let clock: StepClock

    /// Time steps per second in each round.
    package var rates: [Double] { rounds.map { $0.rate(clock) } }
    /// Time steps per second: the median of the rounds.
    package var rate: Double { rates.median }
    /// Share of the time that the threads had a CPU.
    package var processorShare: Double { steps.processorShare(threads: threads) }
  }

  /// Measurements of all thread counts.
  package struct Series {
    /// By ascending thread count.
    package let points: [Point]
    package let throughput: ThroughputSeries

    init(_ points: [Point]) {
      self.points = points
      throughput = ThroughputSeries(threads: points.map(\.threads), rounds: points.map(\.rates))
    }
  }

  /// Result of the measurement.
  package struct Result {
    package let machine: Machine
    package let clock: StepClock
    package let parameters: Int
    package let rounds: Int
    /// Optimizer steps per thread count and round.
    package let stepsPerRound: Int
    package let strong: Series
    package let weak: Series
    package let peakMemory: Int

    /// Caveats for the reader, one per line.
    package var notes: [String] {
      let cores = "\(machine.cores) \(machine.cores == 1 ? "core" : "cores")"
      var notes = [
        "This machine has only \(cores); everything beyond is a projection, not a measurement."
      ]
      if strong.throughput.estimate?.identifiesCoherency == false {
        notes.append(
          "Two thread counts cannot distinguish κ from σ; κ = 0 makes the projection optimistic.")
      }
      let share = (strong.points + weak.points).map(\.processorShare).min() ?? 1
      if share < 0.9 {
        let percent = Int((100 * share).rounded())
        notes.append(
          "Other programs used the machine during the measurement: threads had a CPU for as little as"
            + " \(percent)% of the time."
        )
      }
      return notes
    }
  }

  /// Measures every thread count in each round, so that longer disturbances of the machine affect all alike.
  ///
  /// - Parameters:
  ///   - warmup: Warm-up steps of each thread count before timing.
  ///   - onRound: Called before each round with its number, from 1.
  /// - Throws: If the configuration is invalid, or the data cannot be read or does not match the model.
  package func run(
    rounds: Int, steps: Int, warmup: Int, onRound: (Int) -> Void = { _ in }
  ) throws(WeftError) -> Result {
    var cases: [Case] = []
    for count in threads {
      try cases.append(Case(configuration, threads: count, growth: 1))
      // With one thread, the minibatches of weak and strong scaling are equal.
      if count > 1 { try cases.append(Case(configuration, threads: count, growth: count)) }
    }
    for item in cases { try item.warmUp(steps: warmup) }
    for round in 1...rounds {
      onRound(round)
      for index in cases.indices { try cases[index].measure(steps: steps) }
    }
    return Result(
      machine: Machine(cases[0].loop.executor.engine), clock: clock,
      parameters: cases[0].loop.model.layout.parameters.reduce(0) { $0 + $1.count }, rounds: rounds,
      stepsPerRound: steps, strong: Series(cases.filter { $0.growth == 1 }.map { $0.point(clock) }),
      weak: Series(cases.filter { $0.growth == $0.threads }.map { $0.point(clock) }),
      peakMemory: ProcessUsage.peakMemory
    )
  }

  /// One thread count and minibatch size.
  private struct Case {
    let threads: Int
    /// Minibatch size as a multiple of the configuration's.
    let growth: Int
    let loop: TrainingLoop
    private var rounds: [TimedSteps] = []
    private var steps = TimedSteps()

    init(_ configuration: Configuration, threads: Int, growth: Int) throws(WeftError) {
      var grown = configuration
      grown.training.batch *= growth
      loop = try TrainingLoop(grown, threads: threads)
      self.threads = threads
      self.growth = growth
    }

    func warmUp(steps: Int) throws(WeftError) {
      var warm = TimedSteps()
      try warm.run(loop, steps: steps)
    }

    mutating func measure(steps count: Int) throws(WeftError) {
      var round = TimedSteps()
      try round.run(loop, steps: count)
      rounds.append(round)
      steps.add(round)
    }

    func point(_ clock: StepClock) -> Point {
      Point(
        threads: threads, batch: loop.configuration.training.batch, rounds: rounds, steps: steps,
        clock: clock)
    }
  }
}
