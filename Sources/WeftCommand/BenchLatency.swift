import ArgumentParser
import Foundation
import WeftBase
import WeftBenchmarks
import WeftModels
import WeftTraining

/// Times single steps.
struct BenchLatency: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "latency",
    abstract: "Time single steps of a trained model.",
    discussion: """
      Measures how long 'weft step' takes to answer: a step of one sequence on one thread, with its prediction.

      Example:
        weft bench latency runs/pressure
      """)

  @OptionGroup var trained: TrainedRun

  @Option(help: ArgumentHelp("Steps to time.", valueName: "n"))
  var steps = 5000
  @OptionGroup var precision: PrecisionOption
  @Flag(help: "Print JSON instead of text.")
  var json = false

  func validate() throws {
    guard (1...10_000_000).contains(steps) else {
      throw WeftError.usage("--steps must be at least 1 and at most 10000000, not \(steps)")
    }
  }

  func run() throws {
    let benchmark = try LatencyBenchmark(TrainedModel(trained.path, threads: 1, precision: precision.value))
    let report = LatencyReport(path: trained.path, try benchmark.run(steps: steps))
    printText(json ? try report.json : report.text, terminator: "")
  }
}

/// The report of `bench latency`.
struct LatencyReport: Report {
  let path: String
  let machine: Machine
  let steps: Int
  /// Times of a step.
  let medianMicroseconds, p90Microseconds, p99Microseconds, maximumMicroseconds: Double

  init(path: String, _ result: LatencyBenchmark.Result) {
    self.path = path
    machine = result.machine
    steps = result.seconds.count
    medianMicroseconds = 1e6 * result.quantile(0.5)
    p90Microseconds = 1e6 * result.quantile(0.9)
    p99Microseconds = 1e6 * result.quantile(0.99)
    maximumMicroseconds = 1e6 * result.quantile(1)
  }

  var text: String {
    String(
      format: """
        %@: %d steps of one sequence
        %.1f µs per step (median), 90%% within %.1f µs, 99%% within %.1f µs, at most %.1f µs
        %@

        """, path, steps, medianMicroseconds, p90Microseconds, p99Microseconds, maximumMicroseconds,
      machine.text)
  }
}
