import ArgumentParser
import Foundation
import Weft

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
      let benchmark = try RankBenchmark(configuration, threads: threads, ranks: ranks)
      let result = try benchmark.run(warmup: warmup, steps: steps, measuresLink: ranks.count > 1)
      guard ranks.isFirst else { return }
      print(String(decoding: try JSONEncoder().encode(result), as: UTF8.self))
    }
  }
}
