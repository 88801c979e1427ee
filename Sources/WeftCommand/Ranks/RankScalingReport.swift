import Foundation
import WeftBase
import WeftBenchmarks

/// The report of `bench scaling --ranks`.
struct RankScalingReport: Report {
  let configuration: String
  let cores: Int
  let threads: Int
  let parameters: Int
  let lanes: Int
  let batch: Int
  /// Started rank counts.
  let measured: [Measured]
  /// The network of the projection.
  let network: Link?
  let projection: [Projected]

  /// Ranks on this machine, which share its CPUs.
  struct Measured: Encodable {
    let ranks: Int
    /// Link between ranks; nil for one rank.
    let link: Link?
    /// Time of the slowest rank, while the others compute their shares.
    let computeSeconds: Double
    let updateSeconds: Double
    /// Steps with the exchange after the backward pass.
    let secondsPerStep: Double
    let exchangeSecondsPerStep: Double
    /// Times of the cost model and of the simulated cluster, which uses the simultaneous compute times of all ranks.
    let modelledSecondsPerStep: Double
    let simulatedSecondsPerStep: Double
    /// Steps with overlapped exchange, as in training.
    let overlappedSecondsPerStep: Double
    let overlappedExchangeSecondsPerStep: Double
  }

  /// Projection with one rank per machine.
  struct Projected: Encodable {
    let ranks: Int
    let rowsPerRank: Double
    /// Measured on this machine with a rank that computes the first share and waits for no other.
    let computeSeconds: Double
    let updateSeconds: Double
    let exchangeSeconds: Double
    let simulatedSecondsPerStep: Double
    let speedup: Double
    let efficiency: Double
  }

  init(
    configuration: String, cores: Int, threads: Int, work: RankBenchmark.Work,
    shares: [Int: RankBenchmark.Times], started: [Int: StartedRanks], network: Link?
  ) {
    self.configuration = configuration
    self.cores = cores
    self.threads = threads
    (parameters, lanes, batch) = (work.parameters, work.lanes, work.batch)
    let network = network ?? started.max { $0.key < $1.key }?.value.link
    self.network = network
    func cost(_ ranks: Int, _ link: Link) -> StepCost {
      StepCost(parameters: work.parameters, lanes: work.lanes, ranks: ranks, link: link)
    }

    let whole = shares[1] ?? shares[shares.keys.min() ?? 1]!
    var measured = [
      Measured(
        ranks: 1, link: nil, computeSeconds: whole.compute, updateSeconds: whole.update,
        secondsPerStep: whole.step, exchangeSecondsPerStep: 0,
        modelledSecondsPerStep: whole.compute + whole.update,
        simulatedSecondsPerStep: whole.compute + whole.update,
        overlappedSecondsPerStep: whole.step, overlappedExchangeSecondsPerStep: 0)
    ]
    for (count, result) in started.sorted(by: { $0.key < $1.key }) {
      guard let link = result.link else { continue }
      let cluster = SimulatedCluster(cost(count, link))
      let compute = result.steps.map { $0.shares.map(\.compute).max() ?? 0 }.median
      let update = result.steps.map { $0.shares.map(\.update).max() ?? 0 }.median
      let simulated = result.steps.map {
        cluster.stepSeconds(compute: $0.shares.map(\.compute), update: $0.shares.map(\.update))
      }
      let inTurn = RankBenchmark.Times.median(result.steps.map(\.inTurn))
      let overlapped = RankBenchmark.Times.median(result.steps.map(\.overlapped))
      measured.append(
        Measured(
          ranks: count, link: link, computeSeconds: compute, updateSeconds: update,
          secondsPerStep: inTurn.step, exchangeSecondsPerStep: inTurn.exchange,
          modelledSecondsPerStep: compute + update + cost(count, link).exchangeSeconds,
          simulatedSecondsPerStep: simulated.median, overlappedSecondsPerStep: overlapped.step,
          overlappedExchangeSecondsPerStep: overlapped.exchange))
    }
    self.measured = measured
    projection = shares.sorted { $0.key < $1.key }.compactMap { count, share in
      guard let network else { return nil }
      let cost = cost(count, network)
      let maximum = cost.plan.ranges.map(\.count).max() ?? 1
      let seconds = SimulatedCluster(cost).stepSeconds(
        compute: cost.plan.ranges.map { share.compute * Double($0.count) / Double(maximum) },
        update: cost.plan.ranges.map { _ in share.update })
      let speedup = (whole.compute + whole.update) / seconds
      return Projected(
        ranks: count, rowsPerRank: Double(work.batch) / Double(count), computeSeconds: share.compute,
        updateSeconds: share.update, exchangeSeconds: cost.exchangeSeconds, simulatedSecondsPerStep: seconds,
        speedup: speedup, efficiency: speedup / Double(count))
    }
  }
}

extension RankScalingReport {
  var text: String {
    var lines = [
      "\(configuration): \(parameters) parameters, \(batch) rows, \(lanes) lanes; ranks of \(threads)"
        + " \(threads == 1 ? "thread" : "threads"), \(cores) cores", "",
      "ranks on this machine: ms per step with the exchange after the backward pass, and overlapped with it",
    ]
    let head = [
      "ranks", "compute", "update", "measured", "simulated", "cost model", "overlapped", "α in µs",
      "1/β in GB/s",
    ]
    lines += table(
      [head]
        + measured.map { point in
          [
            "\(point.ranks)", milliseconds(point.computeSeconds), milliseconds(point.updateSeconds),
            milliseconds(point.secondsPerStep), milliseconds(point.simulatedSecondsPerStep),
            milliseconds(point.modelledSecondsPerStep),
            point.link == nil ? "" : milliseconds(point.overlappedSecondsPerStep),
            point.link.map { String(format: "%.0f", 1e6 * $0.latency) } ?? "",
            point.link.map { String(format: "%.2f", 1e-9 / $0.secondsPerByte) } ?? "",
          ]
        }
    ).map { "  \($0)" }
    guard let network else { return lines.map { $0 + "\n" }.joined() }
    lines += [
      "",
      String(
        format: "one rank per machine, α %.0f µs, 1/β %.2f GB/s: projected, not measured; ms per step",
        1e6 * network.latency, 1e-9 / network.secondsPerByte),
    ]
    let columns = [
      "ranks", "rows per rank", "compute", "update", "exchange", "simulated", "speedup", "efficiency",
    ]
    lines += table(
      [columns]
        + projection.map { point in
          [
            "\(point.ranks)", String(format: "%.1f", point.rowsPerRank), milliseconds(point.computeSeconds),
            milliseconds(point.updateSeconds), milliseconds(point.exchangeSeconds),
            milliseconds(point.simulatedSecondsPerStep), String(format: "%.2f", point.speedup),
            String(format: "%.0f%%", 100 * point.efficiency),
          ]
        }
    ).map { "  \($0)" }
    return lines.map { $0 + "\n" }.joined()
  }

  private func milliseconds(_ seconds: Double) -> String { String(format: "%.2f", 1000 * seconds) }
}
