import Foundation
import WeftBase
import WeftBenchmarks

/// The report of `bench scaling`.
struct ScalingReport: Report {
  typealias Interval = ScalabilityEstimate.Interval

  let configuration: String
  let machine: Machine
  /// Clock of the rates.
  let clock: StepClock
  let notes: [String]
  let parameters: Int
  let rounds: Int
  let stepsPerRound: Int
  let peakMemoryBytes: Int
  let strong: Series
  let weak: Series

  /// Measurement of one thread count.
  struct Point: Encodable {
    let threads: Int
    let batch: Int
    let timeStepsPerStep: Double
    /// Median of the rounds.
    let timeStepsPerSecond: Double
    /// Rates by each clock, independent of the clock of the report.
    let wallTimeStepsPerSecond: Double
    let processorTimeStepsPerSecond: Double
    let rounds: [Double]
    /// Relative to one thread.
    let speedup: Double
    let efficiency: Double
    let processorShare: Double
    let phases: [PhaseReport]
  }

  /// The fitted law, with 90% intervals.
  struct Law: Encodable {
    let timeStepsPerSecondOfOneThread: Interval
    let contention: Interval
    let coherency: Interval
    /// False if coherency is set to 0.
    let identifiesCoherency: Bool
    let threadsAtPeak: Double?
  }

  /// Prediction of the law for a thread count.
  struct Projected: Encodable {
    let threads: Int
    /// Whether the thread count exceeds all measured ones.
    let isProjection: Bool
    let timeStepsPerSecond: Interval
    let speedup: Interval
  }

  /// Strong or weak scaling.
  struct Series: Encodable {
    let points: [Point]
    let law: Law?
    let projection: [Projected]
  }

  init(configuration: String, _ result: ScalingBenchmark.Result) {
    self.configuration = configuration
    machine = result.machine
    clock = result.clock
    notes = result.notes
    parameters = result.parameters
    rounds = result.rounds
    stepsPerRound = result.stepsPerRound
    peakMemoryBytes = result.peakMemory
    strong = Series(result.strong)
    weak = Series(result.weak)
  }
}

extension ScalingReport.Series {
  init(_ series: ScalingBenchmark.Series) {
    let first = series.points[0]
    points = series.points.map { point in
      let speedup = point.rate / first.rate * Double(first.threads)
      return ScalingReport.Point(
        threads: point.threads, batch: point.batch,
        timeStepsPerStep: point.steps.timeSteps.map(Double.init).median, timeStepsPerSecond: point.rate,
        wallTimeStepsPerSecond: point.rounds.map { $0.rate(.wall) }.median,
        processorTimeStepsPerSecond: point.rounds.map { $0.rate(.cpu) }.median,
        rounds: point.rates, speedup: speedup, efficiency: speedup / Double(point.threads),
        processorShare: point.processorShare,
        phases: PhaseReport.phases(point.steps))
    }
    let estimate = series.throughput.estimate
    law = estimate.map { estimate in
      ScalingReport.Law(
        timeStepsPerSecondOfOneThread: estimate.interval(\.rate),
        contention: estimate.interval(\.contention), coherency: estimate.interval(\.coherency),
        identifiesCoherency: estimate.identifiesCoherency, threadsAtPeak: estimate.law.peak)
    }
    let measured = series.points.map(\.threads)
    let doublings = (0...).lazy.map { 1 << $0 }.prefix { $0 <= ScalingPlot.horizon }
    projection =
      estimate.map { estimate in
        Set(measured + Array(doublings)).sorted().map { threads in
          ScalingReport.Projected(
            threads: threads, isProjection: threads > measured[measured.count - 1],
            timeStepsPerSecond: estimate.interval { $0.throughput(Double(threads)) },
            speedup: estimate.interval { $0.throughput(Double(threads)) / $0.rate })
        }
      } ?? []
  }
}

extension ScalingReport {
  var text: String {
    var lines = [
      "\(configuration): \(parameters) parameters; medians of \(rounds) rounds of \(stepsPerRound) steps"
        + (clock == .wall ? "" : ", CPU time"),
      "\(machine.text)", "",
    ]
    lines += text("strong scaling: the same minibatch", strong) + [""]
    lines += text("weak scaling: rows proportional to threads", weak) + [""]
    lines += notes
    return lines.map { $0 + "\n" }.joined()
  }

  private func text(_ name: String, _ series: Series) -> [String] {
    let head = ["threads", "rows", "tokens/s", "speedup", "efficiency", "CPU share"]
    let rows = series.points.map { point in
      [
        "\(point.threads)", "\(point.batch)", String(format: "%.0f", point.timeStepsPerSecond),
        String(format: "%.2f", point.speedup), percent(point.efficiency), percent(point.processorShare),
      ]
    }
    var lines = [name] + table([head] + rows).map { "  \($0)" }
    lines.append("  wall-clock time of a step in ms, by number of threads:")
    let phases = series.points[0].phases.indices.map { phase in
      [series.points[0].phases[phase].name]
        + series.points.map { String(format: "%.2f", 1000 * $0.phases[phase].secondsPerStep) }
    }
    lines += table([[""] + series.points.map { "\($0.threads)" }] + phases).map { "    \($0)" }
    guard let law = series.law else {
      return lines + ["  a single thread count determines no law: no projection"]
    }
    lines.append(
      "  X(n) = λn / (1 + σ(n − 1) + κn(n − 1)), with 90% bootstrap intervals over the rounds:")
    lines.append(
      "    λ \(short(law.timeStepsPerSecondOfOneThread, 4)) tokens/s, σ \(short(law.contention, 3))")
    if law.identifiesCoherency {
      lines.append(
        "    κ \(short(law.coherency, 3))"
          + (law.threadsAtPeak.map { String(format: ", maximum at %.0f threads", $0) } ?? ""))
    } else {
      lines.append("    κ = 0: two thread counts cannot distinguish it from σ")
    }
    let projected = series.projection.filter(\.isProjection).map {
      ["\($0.threads)", short($0.timeStepsPerSecond, 3), short($0.speedup, 3)]
    }
    lines.append("  projection:")
    return lines + table([["threads", "tokens/s", "speedup"]] + projected).map { "  \($0)" }
  }

  private func percent(_ share: Double) -> String { String(format: "%.0f%%", 100 * share) }

  private func short(_ interval: Interval, _ digits: Int) -> String {
    let texts = [interval.value, interval.low, interval.high].map { value in
      value >= 1000 ? String(format: "%.0f", value) : String(format: "%.\(digits)g", value)
    }
    return "\(texts[0]) (\(texts[1]) to \(texts[2]))"
  }
}
