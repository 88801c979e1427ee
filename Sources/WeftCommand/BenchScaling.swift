import ArgumentParser
import Foundation
import WeftBase
import WeftBenchmarks

/// Measures how training speeds up with threads.
struct BenchScaling: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scaling",
    abstract: "Measure how a configuration's training speeds up with threads, and project it to many.",
    discussion: """
      Strong scaling trains with the same minibatch for any number of threads; weak scaling gives n threads n times \
      as many rows. Gunther's universal scalability law is fitted to what was measured and projected to 128 threads; \
      its 90 % intervals come from drawing the rounds anew.

      With --ranks, processes share the minibatch through MPI, beside a cost model of their exchange; --latency and \
      --bandwidth project it to another network.

      Example:
        weft bench scaling datasets/shakespeare/train.yaml --threads 1,2 --plot scaling.svg
        weft bench scaling datasets/shakespeare/train.yaml --ranks 1,2 --launcher 'mpirun --bind-to core'
      """)

  @OptionGroup var source: ConfigurationOptions

  @Option(help: ArgumentHelp("Numbers of threads to measure, with commas between.", valueName: "n,…"))
  var threads: String?
  @Option(help: ArgumentHelp("Numbers of ranks to start and measure, with commas between.", valueName: "n,…"))
  var ranks: String?
  @Option(help: ArgumentHelp("With --ranks: what starts them.", valueName: "command"))
  var launcher = "mpirun"
  @Option(help: ArgumentHelp("With --ranks: α of the network to project to.", valueName: "µs"))
  var latency: Double?
  @Option(help: ArgumentHelp("With --ranks: 1/β of the network to project to.", valueName: "GB/s"))
  var bandwidth: Double?
  @Option(help: ArgumentHelp("Optimizer steps of each number of threads in each round.", valueName: "n"))
  var steps = 4
  @Option(help: ArgumentHelp("Rounds; in each every number of threads is measured.", valueName: "n"))
  var rounds = 9
  @Option(help: ArgumentHelp("Steps before those that are timed.", valueName: "n"))
  var warmup = 2
  @Option(
    help: ArgumentHelp(
      "wall, or processor to count processor time alone: of each phase that of its longest worker. On a machine"
        + " that others keep busy it tells more.", valueName: "clock"))
  var clock = StepClock.wall
  @Option(
    help: ArgumentHelp("Draw what was measured and projected.", valueName: "file.svg"), completion: .file())
  var plot: String?
  @Flag(help: "Print JSON instead of text.")
  var json = false

  func validate() throws {
    for (name, value, least) in [("steps", steps, 1), ("rounds", rounds, 1), ("warmup", warmup, 0)]
    where value < least {
      throw WeftError.usage("--\(name) must be \(least) or more, not \(value)")
    }
    if (latency == nil) != (bandwidth == nil) {
      throw WeftError.usage("--latency and --bandwidth tell of a network together")
    }
    if let latency, let bandwidth, latency < 0 || bandwidth <= 0 {
      throw WeftError.usage("--latency must be 0 or more, --bandwidth more than 0")
    }
  }

  func run() throws {
    if let ranks { return try measure(ranks: numbers(ranks, of: "--ranks")) }
    let benchmark = try ScalingBenchmark(source.configuration(), threads: counts(), clock: clock)
    let result = try benchmark.run(rounds: rounds, steps: steps, warmup: warmup)
    if let plot {
      try write(ScalingPlot(configuration: source.file, result).svg, to: plot)
    }
    let report = ScalingReport(configuration: source.file, result)
    print(json ? try report.json : report.text, terminator: "")
  }

  /// Powers of two up to the number of processors, and that number, unless told.
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
        throw .usage("\(option): '\(part)' is no number; give numbers with commas between, such as 1,2")
      }
      counts.append(count)
    }
    return counts
  }

  private func measure(ranks: [Int]) throws {
    let workers = try threads.map { try numbers($0, of: "--threads") } ?? [1]
    guard workers.count == 1, workers[0] > 0 else {
      throw WeftError.usage("--threads: with --ranks it is one number, the threads of each rank")
    }
    var link: Link?
    if let latency, let bandwidth {
      link = Link(latency: latency * 1e-6, secondsPerByte: 1e-9 / bandwidth)
    }
    let scaling = RankScaling(
      source: source, counts: Set(ranks).sorted(), threads: workers[0],
      launcher: launcher.split(separator: " ").map(String.init), steps: steps, warmup: warmup, rounds: rounds,
      link: link)
    let report = try scaling.run()
    print(json ? try report.json : report.text, terminator: "")
  }

  private func write(_ text: String, to path: String) throws(WeftError) {
    do {
      try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
    } catch {
      throw .failure("\(path): cannot be written")
    }
  }
}

extension StepClock: ExpressibleByArgument {}
