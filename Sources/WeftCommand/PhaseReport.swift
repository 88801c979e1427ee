import Foundation
import WeftBase
import WeftBenchmarks

/// Where the time of an optimizer step goes, for a report.
struct PhaseReport: Encodable {
  let name: String
  let secondsPerStep: Double
  /// Share of the step.
  let share: Double

  /// Every phase of timed steps.
  static func phases(_ steps: TimedSteps) -> [PhaseReport] {
    let total = steps.phases.reduce(0) { $0 + $1.seconds }
    return steps.phases.map { name, seconds in
      PhaseReport(name: name, secondsPerStep: seconds, share: seconds / total)
    }
  }

  /// A line for each phase.
  static func text(_ phases: [PhaseReport]) -> [String] {
    phases.map { phase in
      let label = phase.name + String(repeating: " ", count: max(0, 24 - phase.name.count))
      return label + String(format: "%9.2f ms  %5.1f %%", 1000 * phase.secondsPerStep, 100 * phase.share)
    }
  }
}
