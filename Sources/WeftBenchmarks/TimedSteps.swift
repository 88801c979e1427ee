import WeftBase
import WeftParallel
import WeftTraining

/// Clock for timing training steps.
package enum StepClock: String, Sendable, Encodable, CaseIterable {
  /// Wall-clock time.
  case wall
  /// Estimated time on an otherwise idle machine: the CPU time of the slowest worker of each phase, plus the CPU time
  /// between phases. It excludes waiting for data. On a busy machine it is optimistic for many threads, because workers
  /// that wait for a CPU do not compete for memory.
  case cpu
}

/// Timed optimizer steps.
package struct TimedSteps: Sendable {
  /// Time steps of each optimizer step's minibatch.
  package private(set) var timeSteps: [Int] = []
  /// Wall-clock time of each optimizer step.
  package private(set) var seconds: [Double] = []
  /// Estimated time of each optimizer step by ``StepClock/cpu``.
  private var undisturbedSeconds: [Double] = []
  /// Time by phase, over all steps.
  package private(set) var times = PhaseTimes()
  /// CPU time of all steps and threads.
  package private(set) var processorSeconds = 0.0

  package init() {}

  /// Time steps per second: the median over optimizer steps.
  package func rate(_ clock: StepClock = .wall) -> Double {
    zip(timeSteps, clock == .wall ? seconds : undisturbedSeconds).map { Double($0) / $1 }.median
  }

  /// Mean time per optimizer step by phase; the remainder of the wall-clock time is planning between phases.
  package var phases: [(name: String, seconds: Double)] {
    let count = Double(max(seconds.count, 1))
    let other = max(0, seconds.reduce(0, +) - times.total)
    return (times.phases + [("other", other)]).map { ($0.name, $0.seconds / count) }
  }

  /// Share of the time that the threads had a CPU; much below 1 on a busy machine.
  package func processorShare(threads: Int) -> Double {
    // Includes the thread that reads the next minibatch.
    min(1, processorSeconds / (seconds.reduce(0, +) * Double(threads)))
  }

  /// Runs and times further steps.
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

  /// Adds other steps.
  package mutating func add(_ other: TimedSteps) {
    timeSteps += other.timeSteps
    seconds += other.seconds
    undisturbedSeconds += other.undisturbedSeconds
    times = times + other.times
    processorSeconds += other.processorSeconds
  }
}
