import ArgumentParser

/// How fast this machine trains and generates: a measurement a file.
struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure how fast this machine trains, generates and reads.",
    subcommands: [
      BenchModel.self, BenchGeneration.self, BenchScaling.self, BenchLayer.self, BenchData.self,
      BenchRank.self,
    ])
}
