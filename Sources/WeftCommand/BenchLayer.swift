import ArgumentParser
import Foundation
import WeftBase
import WeftBenchmarks
import WeftLayers
import WeftModels
import WeftTensor

/// Times one layer.
struct BenchLayer: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "layer",
    abstract: "Time one training step of one recurrent layer.",
    discussion: """
      A step is forward, backward with input gradients, and plain SGD. Its speed is shown relative to this CPU's \
      peak rate of multiply-adds, measured in the same process with the same number of threads.

      Example: weft bench layer --cell lstm --steps 100 --batch 64 --input 512 --hidden 512 --threads 2
      """)

  @Option(help: "A cell of docs/configuration.md, such as lstm or gru; rnn is rnn-tanh.")
  var cell = "lstm"
  @Option(help: "Time steps T.")
  var steps = 100
  @Option(help: "Sequences in the minibatch B.")
  var batch = 64
  @Option(help: "Input features I.")
  var input = 512
  @Option(help: "Hidden units H.")
  var hidden = 512
  @Option(help: "Threads. (default: all available CPUs)")
  var threads: Int?
  @Option(
    help: """
      Lanes per minibatch. (default: the largest divisor of the batch between 8 and 16, or 16)
      """)
  var lanes: Int?
  @Option(help: "MiB for activations; longer sequences are processed in segments. (default: no limit)")
  var memoryBudget: Int?
  @Option(help: "Precision of matrix products: float32, bfloat16 or bfloat16x3.")
  var precision = Precision.float32
  @Flag(help: "Print one JSON object.")
  var json = false

  func run() throws {
    guard let kind = CellType(rawValue: cell == "rnn" ? "rnn-tanh" : cell) else {
      throw NearMiss.unknownChoice(cell, "cell", of: "--cell", among: CellType.allCases.map(\.name))
    }
    for (name, value) in [
      ("steps", steps), ("batch", batch), ("input", input), ("hidden", hidden), ("threads", threads ?? 1),
      ("lanes", lanes ?? 1), ("memory-budget", memoryBudget ?? 1),
    ] where value < 1 {
      throw WeftError.usage("--\(name): must be at least 1, not \(value)")
    }
    if let threads { try ThreadOptions.check(threads) }
    if let lanes, lanes > max(batch, 16) {
      throw WeftError.usage("--lanes: must be at most the batch, \(batch), not \(lanes)")
    }
    // Inputs, gates and states of all steps, and the weights, as float32.
    let sizes = [[steps, batch, max(input, hidden), 16], [max(input, hidden), hidden, 16]]
    guard
      sizes.allSatisfy({ $0.boundedProduct.map { $0 <= ProcessInfo.processInfo.physicalMemory } ?? false })
    else {
      throw WeftError.usage("such a layer exceeds this machine's memory")
    }
    var benchmark = LayerBenchmark(
      cell: kind, steps: steps, batch: batch, inputSize: input, hiddenSize: hidden,
      threads: threads ?? AvailableProcessors.count, lanes: lanes ?? evenLanes)
    benchmark.memoryBudget = memoryBudget.map { $0 << 20 }
    let result = benchmark.run(try Engine.best(precision.dotAlgorithm))
    let milliseconds = result.seconds * 1000
    let rate = result.operationsPerSecond / 1e9
    if json {
      printText(
        "{\"cell\":\"\(kind.rawValue)\",\"steps\":\(steps),\"batch\":\(batch),\"input\":\(input),"
          + "\"hidden\":\(hidden),\"threads\":\(benchmark.threads),\"precision\":\"\(precision.rawValue)\",\"milliseconds\":\(milliseconds),"
          + "\"cpu_milliseconds\":\(result.processorSeconds * 1000),\"gflops\":\(rate),\"peak_gflops\":\(result.peak / 1e9),"
          + "\"fraction_of_peak\":\(result.fractionOfPeak)}")
    } else {
      printText(
        String(
          format: "%.2f ms, %.1f GFLOP/s, %.1f%% of the peak of %.1f GFLOP/s; %.2f ms of CPU time",
          milliseconds, rate, 100 * result.fractionOfPeak, result.peak / 1e9, result.processorSeconds * 1000))
    }
  }

  private var evenLanes: Int { (8...16).last { batch.isMultiple(of: $0) } ?? 16 }
}

extension Precision: ExpressibleByArgument {}
