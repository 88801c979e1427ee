import Foundation
import Weft

/// What `bench scaling --ranks` tells.
struct RankScalingReport: Report {
  let configuration: String
  let cores: Int
  let threads: Int
  let parameters: Int
  let lanes: Int
  let batch: Int
  /// Numbers of ranks that were started.
  let measured: [Measured]
  /// The network that is projected to.
  let network: Link?
  let projection: [Projected]

  /// Ranks on this machine, which share its processors.
  struct Measured: Encodable {
    let ranks: Int
    /// Between ranks; nil for one.
    let link: Link?
    let secondsPerStep: Double
    let exchangeSecondsPerStep: Double
    /// Of the cost model and of the simulated cluster.
    let modelledSecondsPerStep: Double
    let simulatedSecondsPerStep: Double
  }

  /// A rank on each of so many machines.
  struct Projected: Encodable {
    let ranks: Int
    let rowsPerRank: Double
    /// Measured here, of a rank that has the first of so many shares and waits for nobody.
    let computeSeconds: Double
    let updateSeconds: Double
    let exchangeSeconds: Double
    let simulatedSecondsPerStep: Double
    let speedup: Double
    let efficiency: Double
  }

  init(
    configuration: String, cores: Int, threads: Int, shares: [Int: RankBenchmark.Result],
    started: [Int: RankBenchmark.Result], network: Link?
  ) {
    let whole = shares[1] ?? shares[shares.keys.min() ?? 1]!
    self.configuration = configuration
    self.cores = cores
    self.threads = threads
    (parameters, lanes, batch) = (whole.parameters, whole.lanes, whole.batch)
    let (parameters, lanes) = (parameters, lanes)
    let network = network ?? started.max { $0.key < $1.key }?.value.link
    self.network = network

    func simulated(_ share: RankBenchmark.Result, _ link: Link, slowdown: Double) -> Double {
      let cost = StepCost(parameters: parameters, lanes: lanes, ranks: share.ranks, link: link)
      let greatest = cost.plan.ranges.map(\.count).max() ?? 1
      return SimulatedCluster(cost).stepSeconds(
        compute: cost.plan.ranges.map { share.compute * slowdown * Double($0.count) / Double(greatest) },
        update: cost.plan.ranges.map { _ in share.update * slowdown })
    }

    var measured = [
      Measured(
        ranks: 1, link: nil, secondsPerStep: whole.step, exchangeSecondsPerStep: 0,
        modelledSecondsPerStep: whole.compute + whole.update,
        simulatedSecondsPerStep: whole.compute + whole.update)
    ]
    for (count, result) in started.sorted(by: { $0.key < $1.key }) {
      guard let share = shares[count], let link = result.link else { continue }
      // More threads than processors take turns.
      let slowdown = max(1, Double(count * threads) / Double(cores))
      let cost = StepCost(parameters: parameters, lanes: lanes, ranks: count, link: link)
      measured.append(
        Measured(
          ranks: count, link: link, secondsPerStep: result.step, exchangeSecondsPerStep: result.exchange,
          modelledSecondsPerStep: slowdown * (share.compute + share.update) + cost.exchangeSeconds,
          simulatedSecondsPerStep: simulated(share, link, slowdown: slowdown)))
    }
    self.measured = measured
    projection = shares.sorted { $0.key < $1.key }.compactMap { count, share in
      guard let network else { return nil }
      let cost = StepCost(parameters: parameters, lanes: lanes, ranks: count, link: network)
      let seconds = simulated(share, network, slowdown: 1)
      let speedup = (whole.compute + whole.update) / seconds
      return Projected(
        ranks: count, rowsPerRank: Double(whole.batch) / Double(count), computeSeconds: share.compute,
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
      "ranks on this machine: ms of a step",
    ]
    let head = ["ranks", "measured", "exchange", "cost model", "simulated", "α in µs", "β in GB/s"]
    lines += table(
      [head]
        + measured.map { point in
          [
            "\(point.ranks)", milliseconds(point.secondsPerStep), milliseconds(point.exchangeSecondsPerStep),
            milliseconds(point.modelledSecondsPerStep), milliseconds(point.simulatedSecondsPerStep),
            point.link.map { String(format: "%.0f", 1e6 * $0.latency) } ?? "",
            point.link.map { String(format: "%.2f", 1e-9 / $0.secondsPerByte) } ?? "",
          ]
        }
    ).map { "  \($0)" }
    guard let network else { return lines.map { $0 + "\n" }.joined() }
    lines += [
      "",
      String(
        format: "a rank on each machine, α %.0f µs and β %.2f GB/s: projected, not measured; ms of a step",
        1e6 * network.latency, 1e-9 / network.secondsPerByte),
    ]
    let columns = [
      "ranks", "rows each", "compute", "update", "exchange", "simulated", "speed-up", "efficiency",
    ]
    lines += table(
      [columns]
        + projection.map { point in
          [
            "\(point.ranks)", String(format: "%.1f", point.rowsPerRank), milliseconds(point.computeSeconds),
            milliseconds(point.updateSeconds), milliseconds(point.exchangeSeconds),
            milliseconds(point.simulatedSecondsPerStep), String(format: "%.2f", point.speedup),
            String(format: "%.0f %%", 100 * point.efficiency),
          ]
        }
    ).map { "  \($0)" }
    return lines.map { $0 + "\n" }.joined()
  }

  private func milliseconds(_ seconds: Double) -> String { String(format: "%.2f", 1000 * seconds) }
}
