import WeftBase
import WeftParallel

/// Averages losses and measures speed between reports.
struct ProgressMeter {
  private let start = ContinuousClock.now
  private let firstStep: Int
  /// Number of trained time steps.
  private var steps = 0
  /// Running mean over about twenty steps, for display.
  private(set) var smoothedLoss = 0.0
  private var isFirst = true

  init(firstStep: Int) { self.firstStep = firstStep }

  mutating func add(_ result: PassResult, steps: Int) {
    self.steps += steps
    smoothedLoss = isFirst ? result.meanLoss : 0.95 * smoothedLoss + 0.05 * result.meanLoss
    isFirst = false
  }

  private var seconds: Double {
    let elapsed = (ContinuousClock.now - start).components
    return Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18
  }

  /// Trained time steps per second.
  var stepsPerSecond: Double { Double(steps) / max(seconds, 1e-9) }

  /// Estimated time of this many optimizer steps.
  func remaining(steps: Int, from step: Int) -> Duration? {
    step > firstStep ? .seconds(min(seconds * Double(steps) / Double(step - firstStep), 1e15)) : nil
  }
}
