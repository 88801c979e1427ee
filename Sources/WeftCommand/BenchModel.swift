import ArgumentParser
import Foundation
import WeftBase
import WeftBenchmarks
import WeftModels

/// Times the training of a configuration's model.
struct BenchModel: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "model",
    abstract: "Time training steps of a configuration on its data; writes nothing.",
    discussion: """
      Example:
        weft bench model datasets/shakespeare/train.yaml --threads 2 --set model.hidden=512
      """)

  @OptionGroup var source: ConfigurationOptions
  @OptionGroup var threads: ThreadOptions

  @Option(help: ArgumentHelp("Timed optimizer steps.", valueName: "n"))
  var steps = 20
  @Option(help: ArgumentHelp("Warm-up steps before timing.", valueName: "n"))
  var warmup = 3
  @Option(
    help: ArgumentHelp(
      "Precision of matrix products: float32, bfloat16 or bfloat16x3. (default: the configuration's)",
      valueName: "precision"))
  var precision: Precision?
  @Flag(help: "Print JSON instead of text.")
  var json = false

  func validate() throws {
    if steps < 1 { throw WeftError.usage("--steps must be at least 1, not \(steps)") }
    if warmup < 0 { throw WeftError.usage("--warmup must be at least 0, not \(warmup)") }
  }

  func run() throws {
    let benchmark = try ModelBenchmark(source.with(precision).configuration(), threads: threads.count)
    let report = ModelBenchmarkReport(
      configuration: source.file, try benchmark.run(warmup: warmup, steps: steps))
    printText(json ? try report.json : report.text, terminator: "")
  }
}

/// The report of `bench model`.
struct ModelBenchmarkReport: Report {
  let configuration: String
  let machine: Machine
  let threads: Int
  /// Precision of matrix products.
  let precision: String
  /// Peak rate of multiply-adds of the unit that multiplies matrices, of all threads together.
  let peakGigaflops: Double
  let parameters: Int
  let steps: Int
  /// Median over the steps.
  let timeStepsPerSecond: Double
  let millisecondsPerStep: Double
  /// Share of the time that the threads had a CPU.
  let processorShare: Double
  let peakMemoryBytes: Int
  let phases: [PhaseReport]

  init(configuration: String, _ result: ModelBenchmark.Result) {
    self.configuration = configuration
    machine = result.machine
    threads = result.threads
    precision = result.precision.rawValue
    peakGigaflops = result.peak / 1e9
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
        format: "%.0f tokens/s, %.1f ms per step (median of %d steps); peak memory %.0f MiB",
        timeStepsPerSecond, millisecondsPerStep, steps, Double(peakMemoryBytes) / 1_048_576))
    lines.append(
      String(format: "%@ products; peak of this CPU %.0f GFLOP/s", precision, peakGigaflops))
    lines += PhaseReport.text(phases).map { "  \($0)" }
    lines.append(
      "\(machine.text); threads had a CPU \(Int((100 * processorShare).rounded()))% of the time")
    return lines.map { $0 + "\n" }.joined()
  }
}
