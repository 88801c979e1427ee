import Foundation
import TestSupport
import Testing

@testable import WeftLayers

@Suite("Schedule") struct ScheduleTests {
  static let peak = 0.3
  static let steps = Array(0..<40)

  static func rates(_ change: (inout ScheduleConfiguration) -> Void, totalSteps: Int = 30) -> [Double] {
    var configuration = ScheduleConfiguration()
    change(&configuration)
    let schedule = Schedule(configuration, peak: peak, totalSteps: totalSteps)
    return steps.map { schedule.learningRate(step: $0) }
  }

  static func expect(
    _ rates: [Double], sourceLocation: SourceLocation = #_sourceLocation, _ formula: (Int) -> Double
  ) {
    for step in steps {
      #expect(abs(rates[step] - formula(step)) < 1e-15, "step \(step)", sourceLocation: sourceLocation)
    }
  }

  @Test("A constant rate is the peak after a linear rise")
  func constant() {
    Self.expect(Self.rates { _ in }) { _ in Self.peak }
    Self.expect(Self.rates { $0.warmupSteps = 8 }) { $0 < 8 ? Self.peak * Double($0 + 1) / 8 : Self.peak }
  }

  @Test("Steps multiply the rate every few steps, down to the minimum")
  func step() {
    let rates = Self.rates {
      $0.kind = .step
      $0.stepEvery = 5
      $0.factor = 0.5
      $0.warmupSteps = 3
      $0.minimum = 0.01
    }
    Self.expect(rates) {
      $0 < 3 ? Self.peak * Double($0 + 1) / 3 : max(0.01, Self.peak * pow(0.5, Double(($0 - 3) / 5)))
    }
  }

  @Test("Exponential decay is smooth")
  func exponential() {
    let rates = Self.rates {
      $0.kind = .exponential
      $0.stepEvery = 4
      $0.factor = 0.7
    }
    Self.expect(rates) { Self.peak * pow(0.7, Double($0) / 4) }
  }

  @Test("A cosine falls from the peak to the minimum at the last step and stays there")
  func cosine() {
    let rates = Self.rates {
      $0.kind = .cosine
      $0.warmupSteps = 10
      $0.minimum = 0.05
    }
    Self.expect(rates) { step in
      if step < 10 { return Self.peak * Double(step + 1) / 10 }
      if step >= 30 { return 0.05 }
      return 0.05 + (Self.peak - 0.05) * (1 + cos(.pi * Double(step - 10) / 20)) / 2
    }
    #expect(rates[10] == Self.peak && rates[30] == 0.05)
    #expect(zip(rates[10...], rates[11...]).allSatisfy { $0 >= $1 })
  }

  @Test("A plateau reduces the rate after more evaluations without improvement than the patience")
  func plateau() {
    var configuration = ScheduleConfiguration()
    configuration.kind = .plateau
    configuration.patience = 2
    configuration.factor = 0.1
    var schedule = Schedule(configuration, peak: Self.peak, totalSteps: 100)
    var rates: [Double] = []
    for improved in [true, false, false, true, false, false, false, false, false, false] {
      schedule.observe(improved: improved)
      rates.append(schedule.learningRate(step: 50))
    }
    let expected = [0, 0, 0, 0, 0, 0, 1, 1, 1, 2].map { Self.peak * pow(0.1, Double($0)) }
    for (rate, expected) in zip(rates, expected) { #expect(abs(rate - expected) < 1e-15) }

    var restored = Schedule(configuration, peak: Self.peak, totalSteps: 100)
    restored.restore(reductions: schedule.reductions, stalled: schedule.stalled)
    #expect(restored == schedule)
  }
}
