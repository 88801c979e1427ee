import Foundation
import WeftBase
import WeftBenchmarks

/// What `bench scaling` tells.
struct ScalingReport: Report {
  typealias Interval = ScalabilityEstimate.Interval

  let configuration: String
  let machine: Machine
  /// By which time steps a second are told.
  let clock: StepClock
  let notes: [String]
  let parameters: Int
  let rounds: Int
  let stepsPerRound: Int
  let peakMemoryBytes: Int
  let strong: Series
  let weak: Series

  /// One number of threads.
  struct Point: Encodable {
    let threads: Int
    let batch: Int
    let timeStepsPerStep: Double
    /// The median of the rounds.
    let timeStepsPerSecond: Double
    /// By each clock, whichever the report is by.
    let wallTimeStepsPerSecond: Double
    let processorTimeStepsPerSecond: Double
    let rounds: [Double]
    /// Against one thread.
    let speedup: Double
    let efficiency: Double
    let processorShare: Double
    let phases: [PhaseReport]
  }

  /// The fitted law, with 90 % intervals.
  struct Law: Encodable {
    let timeStepsPerSecondOfOneThread: Interval
    let contention: Interval
    let coherency: Interval
    /// False where coherency was taken as 0.
    let identifiesCoherency: Bool
    let threadsAtPeak: Double?
  }

  /// What the law says of a number of threads.
  struct Projected: Encodable {
    let threads: Int
    /// Whether so many threads are more than any measured.
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
        processorTimeStepsPerSecond: point.rounds.map { $0.rate(.processor) }.median,
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
        + (clock == .wall ? "" : ", by processor time"),
      "\(machine.text)", "",
    ]
    lines += text("strong scaling: the same minibatch", strong) + [""]
    lines += text("weak scaling: the minibatch grows with the threads", weak) + [""]
    lines += notes
    return lines.map { $0 + "\n" }.joined()
  }

  private func text(_ name: String, _ series: Series) -> [String] {
    let head = ["threads", "rows", "tokens/s", "speed-up", "efficiency", "had a processor"]
    let rows = series.points.map { point in
      [
        "\(point.threads)", "\(point.batch)", String(format: "%.0f", point.timeStepsPerSecond),
        String(format: "%.2f", point.speedup), percent(point.efficiency), percent(point.processorShare),
      ]
    }
    var lines = [name] + table([head] + rows).map { "  \($0)" }
    lines.append("  wall clock of a step in ms, by threads:")
    let phases = series.points[0].phases.indices.map { phase in
      [series.points[0].phases[phase].name]
        + series.points.map { String(format: "%.2f", 1000 * $0.phases[phase].secondsPerStep) }
    }
    lines += table([[""] + series.points.map { "\($0.threads)" }] + phases).map { "    \($0)" }
    guard let law = series.law else {
      return lines + ["  one number of threads tells no law, so nothing is projected"]
    }
    lines.append(
      "  X(n) = λn / (1 + σ(n − 1) + κn(n − 1)), in brackets 90 % of the rounds drawn anew:")
    lines.append(
      "    λ \(short(law.timeStepsPerSecondOfOneThread, 4)) tokens/s, σ \(short(law.contention, 3))")
    if law.identifiesCoherency {
      lines.append(
        "    κ \(short(law.coherency, 3))"
          + (law.threadsAtPeak.map { String(format: ", greatest at %.0f threads", $0) } ?? ""))
    } else {
      lines.append("    κ = 0, as two numbers of threads cannot tell it from σ")
    }
    let projected = series.projection.filter(\.isProjection).map {
      ["\($0.threads)", short($0.timeStepsPerSecond, 3), short($0.speedup, 3)]
    }
    lines.append("  projection:")
    return lines + table([["threads", "tokens/s", "speed-up"]] + projected).map { "  \($0)" }
  }

  private func percent(_ share: Double) -> String { String(format: "%.0f %%", 100 * share) }

  private func short(_ interval: Interval, _ digits: Int) -> String {
    let texts = [interval.value, interval.low, interval.high].map { value in
      value >= 1000 ? String(format: "%.0f", value) : String(format: "%.\(digits)g", value)
    }
    return "\(texts[0]) (\(texts[1]) to \(texts[2]))"
  }
}
