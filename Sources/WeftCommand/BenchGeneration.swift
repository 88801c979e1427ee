import ArgumentParser
import Foundation
import WeftBase
import WeftBenchmarks
import WeftTasks
import WeftTraining

/// Times generation.
struct BenchGeneration: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generation",
    abstract: "Time how fast a language model writes, one token after the other.",
    discussion: """
      A step of one sequence can hardly be faster than its weights are read, so the rate of reading is told beside \
      the rate at which as many threads read as much memory and do nothing else.

      Example:
        weft bench generation datasets/shakespeare/train.yaml --length 2000
      """)

  @Argument(
    help: ArgumentHelp(
      "A run's folder, a checkpoint's file, or a configuration (.yaml), whose model is timed untrained.",
      valueName: "run"),
    completion: .file())
  var path: String

  @Option(help: ArgumentHelp("Tokens in each of seven stretches.", valueName: "n"))
  var length = 1000
  @Option(help: ArgumentHelp("Sequences written at the same time, one a thread.", valueName: "n"))
  var threads = 1
  @Flag(help: "Print JSON instead of text.")
  var json = false

  func validate() throws {
    for (name, value) in [("length", length), ("threads", threads)] where value < 1 {
      throw WeftError.usage("--\(name) must be 1 or more, not \(value)")
    }
  }

  func run() throws {
    let isConfiguration = path.hasSuffix(".yaml") || path.hasSuffix(".yml")
    let benchmark =
      isConfiguration
      ? try GenerationBenchmark(Configuration(file: path))
      : try GenerationBenchmark(TrainedModel(path, threads: 1))
    let report = GenerationBenchmarkReport(path: path, try benchmark.run(length: length, threads: threads))
    print(json ? try report.json : report.text, terminator: "")
  }
}

/// What `bench generation` tells.
struct GenerationBenchmarkReport: Report {
  let path: String
  let machine: Machine
  let threads: Int
  /// Of all sequences together.
  let stepsPerSecond: Double
  /// Of one sequence.
  let microsecondsPerStep: Double
  let weightBytesPerStep: Int
  let gigabytesPerSecond: Double
  /// What plain reading reaches.
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
    let sequences = threads == 1 ? "one sequence" : "\(threads) sequences at a time"
    return String(
      format: """
        %@: %@, %.0f steps/s, %.1f µs a step: the median of several stretches
        %.2f MB of weights a step, read at %.1f GB/s; plain reading reaches %.1f GB/s
        %@

        """, path, sequences, stepsPerSecond, microsecondsPerStep, Double(weightBytesPerStep) / 1e6,
      gigabytesPerSecond, plainGigabytesPerSecond, machine.text)
  }
}
