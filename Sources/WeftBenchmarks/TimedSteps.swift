import WeftBase
import WeftParallel
import WeftTraining

/// By which clock training is timed.
package enum StepClock: String, Sendable, Encodable, CaseIterable {
  /// The time that passes.
  case wall
  /// An estimate of the time that would pass if no other program ran: of each phase the longest worker's processor
  /// time, and the processor time between the phases. It leaves out waiting for data and, as workers that wait for a
  /// processor do not compete for memory, flatters many threads on a busy machine.
  case processor
}

/// Optimizer steps that were timed.
package struct TimedSteps: Sendable {
  /// Time steps of each optimizer step's minibatch.
  package private(set) var timeSteps: [Int] = []
  /// Wall clock of each optimizer step.
  package private(set) var seconds: [Double] = []
  /// What the processors' clocks make of each optimizer step.
  private var undisturbedSeconds: [Double] = []
  /// Where the time of all of them went.
  package private(set) var times = PhaseTimes()
  /// Processor time of all of them, all threads together.
  package private(set) var processorSeconds = 0.0

  package init() {}

  /// Time steps trained on a second: the median of all optimizer steps.
  package func rate(_ clock: StepClock = .wall) -> Double {
    zip(timeSteps, clock == .wall ? seconds : undisturbedSeconds).map { Double($0) / $1 }.median
  }

  /// The mean of an optimizer step, phase by phase; what is left to the wall clock is planning between the phases.
  package var phases: [(name: String, seconds: Double)] {
    let count = Double(max(seconds.count, 1))
    let other = max(0, seconds.reduce(0, +) - times.total)
    return (times.phases + [("other", other)]).map { ($0.name, $0.seconds / count) }
  }

  /// Share of the time that so many threads had a processor: much below 1 on a machine that others keep busy.
  package func processorShare(threads: Int) -> Double {
    // Reading the next minibatch has a thread of its own, which counts as well.
    min(1, processorSeconds / (seconds.reduce(0, +) * Double(threads)))
  }

  /// Makes so many steps more.
  ///
  /// - Throws: If a minibatch cannot be read, or the loss or a gradient is not finite.
  package mutating func run(_ loop: TrainingLoop, steps: Int) throws(WeftError) {
    loop.executor.times = PhaseTimes()
    let processorStart = ProcessUsage.processorSeconds
    for _ in 0..<steps {
      let (start, threadStart) = (ContinuousClock.now, ProcessUsage.threadSeconds)
      let phasesStart = loop.executor.pool.times
      let step = try loop.step()
      seconds.append((ContinuousClock.now - start).seconds)
      let phases = loop.executor.pool.times
      let between = ProcessUsage.threadSeconds - threadStart - (phases.caller - phasesStart.caller)
      undisturbedSeconds.append(between + phases.longest - phasesStart.longest)
      timeSteps.append(step.timeSteps)
      guard step.isFinite else {
        throw loop.divergence(at: step).error
      }
    }
    processorSeconds += ProcessUsage.processorSeconds - processorStart
    times = times + loop.executor.times
  }

  /// Counts other steps as well.
  package mutating func add(_ other: TimedSteps) {
    timeSteps += other.timeSteps
    seconds += other.seconds
    undisturbedSeconds += other.undisturbedSeconds
    times = times + other.times
    processorSeconds += other.processorSeconds
  }
}
