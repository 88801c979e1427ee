import ArgumentParser
import Foundation
import WeftBase
import WeftBenchmarks

/// Times the training of a configuration's model.
struct BenchModel: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "model",
    abstract: "Time the training of a configuration's model on its data, writing nothing.",
    discussion: """
      Example:
        weft bench model datasets/shakespeare/train.yaml --threads 2 --set model.hidden=512
      """)

  @OptionGroup var source: ConfigurationOptions
  @OptionGroup var threads: ThreadOptions

  @Option(help: ArgumentHelp("Optimizer steps to time.", valueName: "n"))
  var steps = 20
  @Option(help: ArgumentHelp("Steps before those that are timed.", valueName: "n"))
  var warmup = 3
  @Flag(help: "Print JSON instead of text.")
  var json = false

  func validate() throws {
    if steps < 1 { throw WeftError.usage("--steps must be 1 or more, not \(steps)") }
    if warmup < 0 { throw WeftError.usage("--warmup must be 0 or more, not \(warmup)") }
  }

  func run() throws {
    let benchmark = try ModelBenchmark(source.configuration(), threads: threads.count)
    let report = ModelBenchmarkReport(
      configuration: source.file, try benchmark.run(warmup: warmup, steps: steps))
    print(json ? try report.json : report.text, terminator: "")
  }
}

/// What `bench model` tells.
struct ModelBenchmarkReport: Report {
  let configuration: String
  let machine: Machine
  let threads: Int
  let parameters: Int
  let steps: Int
  /// The median over the steps.
  let timeStepsPerSecond: Double
  let millisecondsPerStep: Double
  /// Share of the time that the threads had a processor.
  let processorShare: Double
  let peakMemoryBytes: Int
  let phases: [PhaseReport]

  init(configuration: String, _ result: ModelBenchmark.Result) {
    self.configuration = configuration
    machine = result.machine
    threads = result.threads
    parameters = result.parameters
    steps = result.steps.seconds.count
    timeStepsPerSecond = result.steps.rate()
    millisecondsPerStep = 1000 * result.steps.seconds.median
    processorShare = result.steps.processorShare(threads: result.threads)
    peakMemoryBytes = result.peakMemory
    phases = PhaseReport.phases(result.steps)
  }

  var text: String {
    var lines = [
      "\(configuration): \(parameters) parameters, \(threads) \(threads == 1 ? "thread" : "threads")"
    ]
    lines.append(
      String(
        format: "%.0f tokens/s, %.1f ms a step: medians of %d steps; %.0f MiB at the peak",
        timeStepsPerSecond, millisecondsPerStep, steps, Double(peakMemoryBytes) / 1_048_576))
    lines += PhaseReport.text(phases).map { "  \($0)" }
    lines.append(
      "\(machine.text); threads had a processor \(Int((100 * processorShare).rounded())) % of the time")
    return lines.map { $0 + "\n" }.joined()
  }
}
