import Foundation
import WeftBase
import WeftBenchmarks

/// Time of an optimizer step by phase, for a report.
struct PhaseReport: Encodable {
  let name: String
  let secondsPerStep: Double
  /// Share of the step.
  let share: Double

  /// All phases of timed steps.
  static func phases(_ steps: TimedSteps) -> [PhaseReport] {
    let total = steps.phases.reduce(0) { $0 + $1.seconds }
    return steps.phases.map { name, seconds in
      PhaseReport(name: name, secondsPerStep: seconds, share: seconds / total)
    }
  }

  /// One line per phase.
  static func text(_ phases: [PhaseReport]) -> [String] {
    phases.map { phase in
      let label = phase.name + String(repeating: " ", count: max(0, 24 - phase.name.count))
      return label + String(format: "%9.2f ms  %5.1f%%", 1000 * phase.secondsPerStep, 100 * phase.share)
    }
  }
}
