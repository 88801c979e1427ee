import Foundation

/// The learning-rate schedule and its state.
package struct Schedule: Sendable, Equatable {
  private let configuration: ScheduleConfiguration
  private let peak: Double
  private let totalSteps: Int
  /// Number of decays by `plateau`.
  package private(set) var reductions = 0
  /// Evaluations without improvement since the last decay.
  package private(set) var stalled = 0

  /// - Parameters:
  ///   - peak: The base learning rate.
  ///   - totalSteps: The step at which `cosine` reaches its minimum.
  package init(_ configuration: ScheduleConfiguration, peak: Double, totalSteps: Int) {
    self.configuration = configuration
    self.peak = peak
    self.totalSteps = totalSteps
  }

  /// Restores the state of an earlier schedule.
  package mutating func restore(reductions: Int, stalled: Int) {
    self.reductions = reductions
    self.stalled = stalled
  }

  /// Reports an evaluation, for `plateau`.
  package mutating func observe(improved: Bool) {
    guard configuration.kind == .plateau else { return }
    stalled = improved ? 0 : stalled + 1
    if stalled > configuration.patience {
      reductions += 1
      stalled = 0
    }
  }

  /// The learning rate of an optimizer step, counted from 0.
  package func learningRate(step: Int) -> Double {
    let warmup = configuration.warmupSteps
    if step < warmup { return peak * Double(step + 1) / Double(warmup) }
    let elapsed = step - warmup
    let every = configuration.stepEvery ?? 1
    let rate: Double
    switch configuration.kind {
    case .constant: rate = peak
    case .step: rate = peak * pow(configuration.factor, Double(elapsed / every))
    case .exponential: rate = peak * pow(configuration.factor, Double(elapsed) / Double(every))
    case .plateau: rate = peak * pow(configuration.factor, Double(reductions))
    case .cosine:
      let progress = min(1, Double(elapsed) / Double(max(totalSteps - warmup, 1)))
      return configuration.minimum
        + (peak - configuration.minimum) * 0.5 * (1 + cos(.pi * progress))
    }
    return max(rate, configuration.minimum)
  }
}
