import ArgumentParser
import Foundation
import WeftBase
import WeftBenchmarks
import WeftModels
import WeftTasks
import WeftTraining

/// Times generation.
struct BenchGeneration: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generation",
    abstract: "Time text generation with a language model, one token at a time.",
    discussion: """
      Generating one sequence is limited by the rate at which weights are read from memory. The report shows this \
      rate beside the memory bandwidth reached by the same number of threads that only read.

      Example:
        weft bench generation datasets/shakespeare/train.yaml --length 2000
      """)

  @Argument(
    help: ArgumentHelp(
      "A run's folder, a checkpoint file, or a configuration (.yaml), whose untrained model is timed.",
      valueName: "run"),
    completion: .file())
  var path: String

  @Option(help: ArgumentHelp("Tokens per trial; there are seven trials.", valueName: "n"))
  var length = 1000
  @Option(help: ArgumentHelp("Sequences generated in parallel, one per thread.", valueName: "n"))
  var threads = 1
  @OptionGroup var precision: PrecisionOption
  @Flag(help: "Print JSON instead of text.")
  var json = false

  func validate() throws {
    for (name, value) in [("length", length), ("threads", threads)] where value < 1 {
      throw WeftError.usage("--\(name) must be at least 1, not \(value)")
    }
    try ThreadOptions.check(threads)
  }

  func run() throws {
    let isConfiguration = path.hasSuffix(".yaml") || path.hasSuffix(".yml")
    let benchmark =
      isConfiguration
      ? try GenerationBenchmark(
        Configuration(
          file: path, overrides: precision.value.map { ["training.precision=\($0.rawValue)"] } ?? []))
      : try GenerationBenchmark(TrainedModel(path, threads: 1, precision: precision.value))
    let report = GenerationBenchmarkReport(path: path, try benchmark.run(length: length, threads: threads))
    printText(json ? try report.json : report.text, terminator: "")
  }
}

/// The report of `bench generation`.
struct GenerationBenchmarkReport: Report {
  let path: String
  let machine: Machine
  let threads: Int
  /// Rate of all sequences together.
  let stepsPerSecond: Double
  /// Time of one sequence.
  let microsecondsPerStep: Double
  let weightBytesPerStep: Int
  let gigabytesPerSecond: Double
  /// Memory bandwidth.
  let plainGigabytesPerSecond: Double

  init(path: String, _ result: GenerationBenchmark.Result) {
    self.path = path
    machine = result.machine
    threads = result.threads
    stepsPerSecond = result.stepsPerSecond
    microsecondsPerStep = 1e6 * result.secondsPerStep
    weightBytesPerStep = result.bytesPerStep
    gigabytesPerSecond = result.bandwidth / 1e9
    plainGigabytesPerSecond = result.plainBandwidth / 1e9
  }

  var text: String {
    let sequences = threads == 1 ? "one sequence" : "\(threads) sequences in parallel"
    return String(
      format: """
        %@: %@, %.0f steps/s, %.1f µs per step (median of the trials)
        %.2f MB of weights per step, read at %.1f GB/s; memory bandwidth %.1f GB/s
        %@

        """, path, sequences, stepsPerSecond, microsecondsPerStep, Double(weightBytesPerStep) / 1e6,
      gigabytesPerSecond, plainGigabytesPerSecond, machine.text)
  }
}
