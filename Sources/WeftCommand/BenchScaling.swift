import ArgumentParser
import Foundation
import WeftBase
import WeftBenchmarks
import WeftModels

/// Measures the speedup of training with threads.
struct BenchScaling: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scaling",
    abstract: "Measure the speedup of training with threads, and project it to more threads.",
    discussion: """
      Strong scaling uses the same minibatch for any number of threads; weak scaling gives n threads n times \
      as many rows. Gunther's universal scalability law is fitted to the measurements and projected to 128 threads, \
      with 90% bootstrap intervals over the rounds.

      With --ranks, processes share the minibatch through MPI, and a cost model of their exchange is shown beside \
      the measurement; --latency and --bandwidth project it to another network.

      Example:
        weft bench scaling datasets/shakespeare/train.yaml --threads 1,2 --plot scaling.svg
        weft bench scaling datasets/shakespeare/train.yaml --ranks 1,2 --launcher 'mpirun --bind-to core'
      """)

  @OptionGroup var source: ConfigurationOptions

  @Option(
    help: ArgumentHelp(
      "Thread counts to measure, separated by commas. (default: powers of two up to the number of CPUs)",
      valueName: "n,…"))
  var threads: String?
  @Option(help: ArgumentHelp("Rank counts to start and measure, separated by commas.", valueName: "n,…"))
  var ranks: String?
  @Option(help: ArgumentHelp("With --ranks: the launcher.", valueName: "command"))
  var launcher = "mpirun"
  @Option(help: ArgumentHelp("With --ranks: latency α of the network to project to.", valueName: "µs"))
  var latency: Double?
  @Option(help: ArgumentHelp("With --ranks: bandwidth 1/β of the network to project to.", valueName: "GB/s"))
  var bandwidth: Double?
  @Option(help: ArgumentHelp("Optimizer steps per thread count and round.", valueName: "n"))
  var steps = 4
  @Option(help: ArgumentHelp("Rounds; each measures every thread count.", valueName: "n"))
  var rounds = 9
  @Option(help: ArgumentHelp("Warm-up steps before timing.", valueName: "n"))
  var warmup = 2
  @Option(
    help: ArgumentHelp(
      "wall, or cpu to count CPU time only: for each phase, that of the slowest worker. Use it on a"
        + " machine that runs other programs.",
      valueName: "clock"))
  var clock = StepClock.wall
  @Option(
    help: ArgumentHelp("Plot measurements and projection as SVG.", valueName: "file.svg"), completion: .file()
  )
  var plot: String?
  @Option(
    help: ArgumentHelp(
      "Precision of matrix products: float32, bfloat16 or bfloat16x3. (default: the configuration's)",
      valueName: "precision"))
  var precision: Precision?
  @Flag(help: "Print JSON instead of text.")
  var json = false

  func validate() throws {
    for (name, value, minimum) in [("steps", steps, 1), ("rounds", rounds, 1), ("warmup", warmup, 0)]
    where value < minimum {
      throw WeftError.usage("--\(name) must be at least \(minimum), not \(value)")
    }
    if (latency == nil) != (bandwidth == nil) {
      throw WeftError.usage("--latency and --bandwidth must be given together")
    }
    if let latency, let bandwidth, latency < 0 || bandwidth <= 0 {
      throw WeftError.usage("--latency must be at least 0 and --bandwidth above 0")
    }
  }

  func run() throws {
    if let ranks { return try measure(ranks: numbers(ranks, of: "--ranks")) }
    let benchmark = try ScalingBenchmark(
      source.with(precision).configuration(), threads: counts(), clock: clock)
    let result = try benchmark.run(rounds: rounds, steps: steps, warmup: warmup)
    if let plot {
      try TextFile.replace(plot, with: ScalingPlot(configuration: source.file, result).svg)
    }
    let report = ScalingReport(configuration: source.file, result)
    printText(json ? try report.json : report.text, terminator: "")
  }

  /// Powers of two up to the number of CPUs, and that number, by default.
  private func counts() throws(WeftError) -> [Int] {
    guard let threads else {
      let cores = AvailableProcessors.count
      return (0..<Int.bitWidth - 1).lazy.map { 1 << $0 }.prefix { $0 < cores } + [cores]
    }
    return try numbers(threads, of: "--threads")
  }

  private func numbers(_ text: String, of option: String) throws(WeftError) -> [Int] {
    var counts: [Int] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard let count = Int(part) else {
        throw .usage("\(option): '\(part)' is not a number; separate numbers by commas, such as 1,2")
      }
      counts.append(count)
    }
    return counts
  }

  private func measure(ranks: [Int]) throws {
    let workers = try threads.map { try numbers($0, of: "--threads") } ?? [1]
    guard workers.count == 1, workers[0] > 0 else {
      throw WeftError.usage("--threads: with --ranks, give a single number, the threads per rank")
    }
    var link: Link?
    if let latency, let bandwidth {
      link = Link(latency: latency * 1e-6, secondsPerByte: 1e-9 / bandwidth)
    }
    let scaling = RankScaling(
      source: source.with(precision), counts: Set(ranks).sorted(), threads: workers[0],
      launcher: launcher.split(separator: " ").map(String.init), steps: steps, warmup: warmup, rounds: rounds,
      link: link)
    let report = try scaling.run()
    printText(json ? try report.json : report.text, terminator: "")
  }
}

extension StepClock: ExpressibleByArgument {
  /// The former name of `cpu`.
  private static let formerName = "processor"

  /// Accepts the former name with a note.
  public init?(argument: String) {
    if argument == Self.formerName {
      printNote("--clock processor is now called --clock cpu")
    }
    self.init(rawValue: argument == Self.formerName ? "cpu" : argument)
  }
}
