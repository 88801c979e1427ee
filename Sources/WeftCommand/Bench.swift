import ArgumentParser

/// Benchmarks of this machine, with one file per subcommand.
struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure the speed of training, generation and data reading on this machine.",
    subcommands: [
      BenchModel.self, BenchGeneration.self, BenchLatency.self, BenchScaling.self, BenchLayer.self,
      BenchData.self,
      BenchRank.self,
    ])
}
