import ArgumentParser
import Foundation
import WeftBase
import WeftBenchmarks

/// The subcommand that `bench scaling --ranks` starts on every rank; rank 0 prints the measurements.
struct BenchRank: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rank", abstract: "Measure training on the ranks that a launcher started.",
    shouldDisplay: false)

  @OptionGroup var source: ConfigurationOptions
  @Option var threads = 1
  @Option var steps = 4
  @Option var warmup = 2

  func run() throws {
    let ranks = try Launcher.join()
    try Launcher.run(ranks) {
      let configuration = try ranks.together { () throws(WeftError) in try source.configuration() }
      let alone = try RankBenchmark(
        configuration, threads: threads, ranks: SoloRank(ranks.rank, of: ranks.count))
      let together = try RankBenchmark(configuration, threads: threads, ranks: ranks)
      var measured: [StartedRanks.Step] = []
      for number in 0..<warmup + steps {
        // All ranks start together.
        _ = ranks.gather(UInt8(0))
        let share = try alone.step(overlaps: false)
        let step = StartedRanks.Step(
          shares: ranks.gather(encoding: share), inTurn: try together.step(overlaps: false),
          overlapped: try together.step(overlaps: true))
        if number >= warmup { measured.append(step) }
      }
      let link =
        ranks.count > 1 ? Link.measure(ranks, count: together.work.parameters / ranks.count) : nil
      guard ranks.isFirst else { return }
      let result = StartedRanks(steps: measured, link: link)
      printText(String(decoding: try JSONEncoder().encode(result), as: UTF8.self))
    }
  }
}

/// Measurements of a group of ranks.
struct StartedRanks: Codable {
  /// The three kinds of steps, in immediate succession, because the speed of CPUs may change from second to second.
  struct Step: Codable {
    /// Time of each rank's share while the others compute theirs, because ranks share caches, memory and often CPUs; no
    /// rank waits for another.
    var shares: [RankBenchmark.Times]
    /// Times of rank 0, with the exchange after the backward pass.
    var inTurn: RankBenchmark.Times
    /// Times of rank 0, with the exchange overlapped with the backward pass.
    var overlapped: RankBenchmark.Times
  }

  var steps: [Step]
  /// Link between ranks; nil for a single one.
  var link: Link?

  init(steps: [Step], link: Link?) {
    self.steps = steps
    self.link = link
  }

  /// Measurements of several rounds.
  init(_ rounds: [StartedRanks]) {
    steps = rounds.flatMap(\.steps)
    let links = rounds.compactMap(\.link)
    link =
      links.isEmpty
      ? nil
      : Link(latency: links.map(\.latency).median, secondsPerByte: links.map(\.secondsPerByte).median)
  }
}
