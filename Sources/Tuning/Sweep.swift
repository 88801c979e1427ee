import Foundation
import Synchronization
import WeftBase

/// A search at work: trains its trials, several at once, and compares them.
package final class Sweep: Sendable {
  package let configuration: SweepConfiguration
  package let trials: [Trial]
  private let state: Locked<TrialRecords>

  /// One training of a trial, up to a step or to its end.
  package struct Job: Sendable, Equatable {
    package let trial: Trial
    package let seed: Int
    package let until: Int?
  }

  /// - Parameter records: Results of earlier runs of the search.
  package init(_ configuration: SweepConfiguration, records: TrialRecords) {
    self.configuration = configuration
    trials = configuration.plannedTrials
    state = Locked(records)
  }

  /// Trains all trials that have no result yet.
  ///
  /// - Parameters:
  ///   - totalSteps: Steps of a complete training; nil if it is given in epochs. `halving` needs them.
  ///   - parallel: Trainings at once.
  ///   - train: Trains, on any thread; nil if it was interrupted.
  ///   - onRecord: Called with each new result, one at a time.
  /// - Returns: Whether all trainings are done.
  /// - Throws: If results cannot be written.
  package func run(
    totalSteps: Int?, parallel: Int, train: @Sendable (Job) -> TrialRecord?,
    onRecord: @Sendable (Trial, TrialRecord) -> Void
  ) throws(WeftError) -> Bool {
    guard configuration.search == .halving, let totalSteps else {
      return try perform(trials, until: nil, parallel: parallel, train: train, onRecord: onRecord)
    }
    var survivors = trials
    var steps = configuration.minimumSteps
    while true {
      let until = steps < totalSteps ? steps : nil
      guard try perform(survivors, until: until, parallel: parallel, train: train, onRecord: onRecord) else {
        return false
      }
      if until == nil { return true }
      let count = (survivors.count + configuration.factor - 1) / configuration.factor
      let best = Set(ranked(survivors, until: until).prefix(count).map(\.trial.number))
      survivors = survivors.filter { best.contains($0.number) }
      if survivors.isEmpty { return true }
      steps =
        steps.multipliedReportingOverflow(by: configuration.factor).overflow
        ? totalSteps : steps * configuration.factor
    }
  }

  private func perform(
    _ trials: [Trial], until: Int?, parallel: Int, train: @Sendable (Job) -> TrialRecord?,
    onRecord: @Sendable (Trial, TrialRecord) -> Void
  ) throws(WeftError) -> Bool {
    let jobs = state.withLock { records in
      trials.flatMap { trial in
        (1...configuration.seeds).compactMap { seed in
          records.record(trial: trial.number, seed: seed, until: until) == nil
            ? Job(trial: trial, seed: seed, until: until) : nil
        }
      }
    }
    let next = Atomic(0)
    let isInterrupted = Atomic(false)
    let failure = Locked<WeftError?>(nil)
    DispatchQueue.concurrentPerform(iterations: min(parallel, max(jobs.count, 1))) { _ in
      while !isInterrupted.load(ordering: .relaxed), failure.withLock({ $0 == nil }) {
        let number = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard number < jobs.count else { return }
        guard let record = train(jobs[number]) else {
          isInterrupted.store(true, ordering: .relaxed)
          return
        }
        state.withLock { records in
          do throws(WeftError) {
            try records.append(record)
            onRecord(jobs[number].trial, record)
          } catch { failure.withLock { $0 = error } }
        }
      }
    }
    if let error = failure.withLock({ $0 }) { throw error }
    return !isInterrupted.load(ordering: .relaxed)
  }

  /// A trial with what its trainings reached.
  package struct Result: Sendable {
    package let trial: Trial
    package let records: [TrialRecord]
    /// Mean of the best values over the seeds; nil if one failed or is missing.
    package let value: Double?
    /// Steps that all trainings have completed.
    package let steps: Int
  }

  /// Trials with results, best first: those that trained longer come before others.
  ///
  /// - Parameter until: Results up to this step; nil for the latest of each trial.
  package func ranked(_ trials: [Trial]? = nil, until: Int? = nil) -> [Result] {
    let records = state.withLock { $0.records }
    let results = (trials ?? self.trials).map { trial in
      let own = (1...configuration.seeds).compactMap { seed in
        records.last {
          $0.trial == trial.number && $0.seed == seed
            && (until == nil || $0.until == until || $0.failure != nil)
        }
      }
      let values = own.compactMap(\.value)
      return Result(
        trial: trial, records: own,
        value: values.count == configuration.seeds
          ? values.reduce(0, +) / Double(values.count) : nil,
        steps: own.map(\.steps).min() ?? 0)
    }
    let higherIsBetter = records.lazy.compactMap(\.higherIsBetter).first ?? false
    return results.sorted { first, second in
      switch (first.value, second.value) {
      case (let one?, let other?):
        if first.steps != second.steps { return first.steps > second.steps }
        if one == other { return first.trial.number < second.trial.number }
        return higherIsBetter ? one > other : one < other
      case (_?, nil): return true
      case (nil, _?): return false
      case (nil, nil): return first.trial.number < second.trial.number
      }
    }
  }
}
