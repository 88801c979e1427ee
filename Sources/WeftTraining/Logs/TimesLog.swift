import WeftBase
import WeftParallel

/// Times of some steps by phase.
package struct StepTimes: Sendable, Equatable {
  /// The last of the steps.
  package var step: Int
  /// Number of trained time steps.
  package var timeSteps: Int
  /// Wall-clock time since the previous record, including evaluations and checkpoints.
  package var seconds: Double
  /// Seconds by phase of a step; the remainder of `seconds` was spent elsewhere.
  package var phases: PhaseTimes
  /// Processor time of all threads since the previous record, in seconds; nil in records without it.
  package var processorSeconds: Double?
  /// Bytes of memory in use; nil in records without it.
  package var residentBytes: Int?

  package init(
    step: Int, timeSteps: Int, seconds: Double, phases: PhaseTimes, processorSeconds: Double? = nil,
    residentBytes: Int? = nil
  ) {
    self.step = step
    self.timeSteps = timeSteps
    self.seconds = seconds
    self.phases = phases
    self.processorSeconds = processorSeconds
    self.residentBytes = residentBytes
  }

  /// Mean number of busy processors; nil in records without it.
  package var busyProcessors: Double? { processorSeconds.map { $0 / max(seconds, 1e-9) } }

  /// Trained time steps per second.
  package var stepsPerSecond: Double { Double(timeSteps) / max(seconds, 1e-9) }
}

/// The times of a run, one JSON object per line, at the steps of its metrics.
///
/// They have a separate file, because metrics do not depend on interruptions, but times do.
package final class TimesLog {
  private let lines: LineLog
  private var lastTimes: PhaseTimes
  private var lastMoment = ContinuousClock.now
  private var lastProcessorSeconds = ProcessUsage.processorSeconds
  private var timeSteps = 0

  /// Creates a new file, or continues that of a run resumed after `step`.
  ///
  /// - Parameters:
  ///   - times: Times of the run so far.
  ///   - every: Steps between records.
  ///   - onNote: Called if records are lost.
  package init(
    path: String, resumingAfter step: Int?, times: PhaseTimes, every: Int = 1,
    onNote: (String) -> Void = { _ in }
  ) throws(WeftError) {
    lines = try LineLog(path: path, resumingAfter: step, every: every, onNote: onNote)
    lastTimes = times
  }

  /// Adds the time steps of a step.
  package func add(timeSteps: Int) { self.timeSteps += timeSteps }

  /// Appends the times since the previous record.
  package func append(step: Int, times: PhaseTimes) throws(WeftError) -> StepTimes {
    let now = ContinuousClock.now
    let processorSeconds = ProcessUsage.processorSeconds
    let record = StepTimes(
      step: step, timeSteps: timeSteps, seconds: (now - lastMoment).seconds, phases: times - lastTimes,
      processorSeconds: processorSeconds - lastProcessorSeconds, residentBytes: ProcessUsage.residentBytes)
    (lastTimes, lastMoment, lastProcessorSeconds, timeSteps) = (times, now, processorSeconds, 0)
    let phases = record.phases.present.map {
      ",\"\($0.key)\":\(NumberText.json(record.phases[keyPath: $0.seconds]))"
    }
    try lines.append(
      "{\"step\":\(step),\"time_steps\":\(record.timeSteps),\"seconds\":\(NumberText.json(record.seconds))"
        + phases.joined()
        + (record.processorSeconds.map { ",\"processor_seconds\":\(NumberText.json($0))" } ?? "")
        + (record.residentBytes.map { ",\"resident_bytes\":\($0)" } ?? "") + "}\n")
    return record
  }

  /// Syncs the file to disk.
  package func synchronize() throws(WeftError) { try lines.synchronize() }

  /// A time of a record; 0 for what is none.
  private static func seconds(_ value: Any?) -> Double {
    let seconds = value as? Double ?? 0
    return seconds.isFinite ? min(max(seconds, 0), 1e15) : 0
  }

  /// Removes the records of later steps.
  package func truncate(to step: Int) throws(WeftError) { try lines.truncate(to: step) }

  /// All records of a file.
  ///
  /// - Parameter onNote: Called if damaged lines are left out.
  /// - Throws: If the file is missing, or has lines and none of them is a record.
  package static func records(
    in path: String, onNote: (String) -> Void = { _ in }
  ) throws(WeftError) -> [StepTimes] {
    try LineLog.records(in: path, of: "times", onNote: onNote) { object in
      guard let step = BoundedInteger.json(object["step"]) else { return nil }
      var phases = PhaseTimes()
      for phase in PhaseTimes.all { phases[keyPath: phase.seconds] = seconds(object[phase.key]) }
      return StepTimes(
        step: step,
        timeSteps: BoundedInteger.json(object["time_steps"], in: 0...BoundedInteger.maximumTotal) ?? 0,
        seconds: seconds(object["seconds"]), phases: phases,
        processorSeconds: object["processor_seconds"].map(seconds),
        residentBytes: BoundedInteger.json(object["resident_bytes"], in: 0...BoundedInteger.maximumTotal))
    }
  }
}
