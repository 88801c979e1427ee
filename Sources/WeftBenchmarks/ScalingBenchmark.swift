import WeftBase
import WeftTasks
import WeftTraining

/// Times the training of a configuration with several numbers of threads.
///
/// Strong scaling gives all of them the configuration's minibatch; weak scaling gives n threads n times as many rows.
package struct ScalingBenchmark {
  private let configuration: Configuration
  private let threads: [Int]
  private let clock: StepClock

  /// - Parameter threads: Numbers of threads to measure.
  /// - Throws: If one of them is less than 1, more than the lanes, or more than there are processors.
  package init(_ configuration: Configuration, threads: [Int], clock: StepClock = .wall) throws(WeftError) {
    let cores = AvailableProcessors.count
    let lanes = configuration.training.lanes
    for count in threads {
      if count < 1 { throw .usage("--threads: must be 1 or more, not \(count)") }
      if count > cores {
        throw .usage("--threads: \(count) are more than the processors that can be used here, \(cores)")
      }
      if count > lanes { throw .usage("--threads: \(count) are more than training.lanes, \(lanes)") }
    }
    if threads.isEmpty { throw .usage("--threads: names no number of threads") }
    self.configuration = configuration
    self.threads = Set(threads).sorted()
    self.clock = clock
  }

  /// What was measured with one number of threads.
  package struct Point {
    package let threads: Int
    /// Rows of a minibatch.
    package let batch: Int
    /// The steps of each round.
    package let rounds: [TimedSteps]

    /// All rounds together.
    package let steps: TimedSteps
    /// By which the rates are told.
    fileprivate let clock: StepClock

    /// Time steps a second in each round.
    package var rates: [Double] { rounds.map { $0.rate(clock) } }
    /// Time steps a second: the median of the rounds.
    package var rate: Double { rates.median }
    /// Share of the time that the threads had a processor.
    package var processorShare: Double { steps.processorShare(threads: threads) }
  }

  /// What was measured with all numbers of threads.
  package struct Series {
    /// By ascending number of threads.
    package let points: [Point]
    package let throughput: ThroughputSeries

    init(_ points: [Point]) {
      self.points = points
      throughput = ThroughputSeries(threads: points.map(\.threads), rounds: points.map(\.rates))
    }
  }

  /// What was measured.
  package struct Result {
    package let machine: Machine
    package let clock: StepClock
    package let parameters: Int
    package let rounds: Int
    /// Optimizer steps of each number of threads in each round.
    package let stepsPerRound: Int
    package let strong: Series
    package let weak: Series
    package let peakMemory: Int

    /// What a reader must know before believing the numbers, a line each.
    package var notes: [String] {
      let cores = "\(machine.cores) \(machine.cores == 1 ? "core" : "cores")"
      var notes = [
        "This machine has only \(cores): whatever lies beyond is a projection and was not measured."
      ]
      if strong.throughput.estimate?.identifiesCoherency == false {
        notes.append(
          "Two numbers of threads cannot tell κ from σ, so κ = 0, which flatters the projection.")
      }
      let share = (strong.points + weak.points).map(\.processorShare).min() ?? 1
      if share < 0.9 {
        let percent = Int((100 * share).rounded())
        notes.append(
          "While measuring, other programs kept the machine busy: threads had a processor for as little as"
            + " \(percent) % of the time.")
      }
      return notes
    }
  }

  /// Measures every number of threads in each round, one after the other, so that what disturbs the machine for
  /// longer than a round disturbs all alike.
  ///
  /// - Parameters:
  ///   - warmup: Steps of each before those that are timed.
  ///   - onRound: Called before each round with its number, from 1.
  /// - Throws: If the configuration is not valid, or the data cannot be read or do not fit the model.
  package func run(
    rounds: Int, steps: Int, warmup: Int, onRound: (Int) -> Void = { _ in }
  ) throws(WeftError) -> Result {
    var cases: [Case] = []
    for count in threads {
      try cases.append(Case(configuration, threads: count, growth: 1))
      // With one thread weak scaling's minibatch is strong scaling's.
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

  /// One number of threads and size of the minibatch.
  private struct Case {
    let threads: Int
    /// Rows of the minibatch for each of the configuration's.
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
