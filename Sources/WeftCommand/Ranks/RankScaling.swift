import Foundation
import WeftBase
import WeftBenchmarks
import WeftParallel

/// Measures training with several ranks, and compares it with the cost model and the simulated cluster.
struct RankScaling {
  let source: ConfigurationOptions
  /// Rank counts to start.
  let counts: [Int]
  /// Workers per rank.
  let threads: Int
  /// The launcher: a program and its options.
  let launcher: [String]
  let steps: Int
  let warmup: Int
  let rounds: Int
  /// Link of the network to project to; nil for the measured one.
  let link: Link?

  /// Measures every rank count in each round.
  func run() throws -> RankScalingReport {
    let configuration = try source.configuration()
    let lanes = configuration.training.lanes
    for count in counts where !(1...lanes).contains(count) {
      throw WeftError.usage("--ranks: \(count) is not between 1 and training.lanes, \(lanes)")
    }
    let projected = (0..<Int.bitWidth - 1).lazy.map { 1 << $0 }.prefix { $0 <= lanes }
    let alone = Set(counts + Array(projected)).sorted()
    var shares: [Int: [RankBenchmark.Times]] = [:]
    var started: [Int: [StartedRanks]] = [:]
    var work: RankBenchmark.Work?
    for _ in 0..<rounds {
      for count in alone {
        let ranks: any Communicator = count == 1 ? SingleRank() : SoloRank(of: count)
        let benchmark = try RankBenchmark(configuration, threads: threads, ranks: ranks)
        shares[count, default: []].append(try benchmark.steps(steps, warmup: warmup))
        work = benchmark.work
      }
      for count in counts where count > 1 { started[count, default: []].append(try start(count)) }
    }
    guard let work else { throw WeftError.usage("--rounds must be 1 or more") }
    return RankScalingReport(
      configuration: source.file, cores: AvailableProcessors.count, threads: threads, work: work,
      shares: shares.mapValues(RankBenchmark.Times.median), started: started.mapValues(StartedRanks.init),
      network: link)
  }

  private func start(_ count: Int) throws -> StartedRanks {
    guard let program = ProgramPath.name else {
      throw WeftError.failure("cannot determine the path of this program")
    }
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments =
      launcher + ["-n", "\(count)", program, "bench", "rank", source.file]
      + source.overrides.flatMap { ["--set", $0] }
      + ["--threads", "\(threads)", "--steps", "\(steps)", "--warmup", "\(warmup)"]
    process.standardOutput = output
    try process.run()
    let bytes = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0,
      let line = String(decoding: bytes, as: UTF8.self).split(separator: "\n").last,
      let result = try? JSONDecoder().decode(StartedRanks.self, from: Data(line.utf8))
    else {
      throw WeftError.failure(
        "\(launcher.joined(separator: " ")) could not start \(count) ranks (status"
          + " \(process.terminationStatus)); set another launcher or its options with --launcher"
      )
    }
    return result
  }
}
