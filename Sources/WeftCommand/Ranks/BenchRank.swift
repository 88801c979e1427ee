import ArgumentParser
import Foundation
import WeftBase
import WeftBenchmarks

/// What `bench scaling --ranks` starts on every rank; rank 0 prints what was measured.
struct BenchRank: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rank", abstract: "Measure training by the ranks that a launcher started.",
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
        // All begin together.
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
      print(String(decoding: try JSONEncoder().encode(result), as: UTF8.self))
    }
  }
}

/// What the ranks that were started together measured.
struct StartedRanks: Codable {
  /// The three kinds of a step, one right after the other: how fast processors are may change from second to second.
  struct Step: Codable {
    /// What each rank's share takes while the others do theirs, as they share caches, memory and often processors, and
    /// nobody waits for another.
    var shares: [RankBenchmark.Times]
    /// Of rank 0, with gradients that are exchanged after the backward pass.
    var inTurn: RankBenchmark.Times
    /// Of rank 0, with gradients that are exchanged while others are made.
    var overlapped: RankBenchmark.Times
  }

  var steps: [Step]
  /// Between ranks; nil for a single one.
  var link: Link?

  init(steps: [Step], link: Link?) {
    self.steps = steps
    self.link = link
  }

  /// All that was measured in several rounds.
  init(_ rounds: [StartedRanks]) {
    steps = rounds.flatMap(\.steps)
    let links = rounds.compactMap(\.link)
    link =
      links.isEmpty
      ? nil
      : Link(latency: links.map(\.latency).median, secondsPerByte: links.map(\.secondsPerByte).median)
  }
}
