import TestSupport
import Testing

@testable import WeftBase
@testable import WeftBenchmarks
@testable import WeftParallel
@testable import WeftTraining

/// The cost model of an exchange, against a simulation of messages.
@Suite struct SimulatedClusterTests {
  private static func cost(_ ranks: Int, lanes: Int = 64, parameters: Int = 10_000_000) -> StepCost {
    StepCost(
      parameters: parameters, lanes: lanes, ranks: ranks,
      link: Link(latency: 20e-6, secondsPerByte: 1 / 1.25e9))
  }

  @Test func oneRankExchangesNothing() {
    #expect(Self.cost(1).exchangeSeconds == 0)
    #expect(SimulatedCluster(Self.cost(1)).stepSeconds(compute: [3], update: [2]) == 5)
  }

  @Test(arguments: [1, 2, 3, 4, 5, 7, 8, 16, 33, 64]) func whatIsSentIsReceived(_ ranks: Int) {
    let cost = Self.cost(ranks)
    let sent = (0..<ranks).map { cost.sent(rank: $0) }.reduce(0, +)
    let received = (0..<ranks).map { cost.received(rank: $0) }.reduce(0, +)
    #expect(abs(sent - received) <= 1e-9 * sent)
    // With powers of two, the volume of a ring: all except the own slice, twice.
    if 64.isMultiple(of: ranks) {
      #expect(cost.roots == ranks)
      #expect(abs(cost.sent(rank: 0) - 2 * 4e7 * Double(ranks - 1) / Double(ranks)) < 1)
    } else {
      #expect(cost.roots > ranks)
    }
  }

  @Test(arguments: [2, 4, 8, 16, 32, 64]) func powersOfTwoCostWhatTheFormulaSays(_ ranks: Int) {
    let cost = Self.cost(ranks)
    let simulated = SimulatedCluster(cost).stepSeconds(
      compute: [Double](repeating: 0.5, count: ranks), update: [Double](repeating: 0.01, count: ranks))
    let modelled = 0.51 + cost.exchangeSeconds
    #expect(abs(simulated - modelled) < 0.02 * cost.exchangeSeconds, "\(simulated) and \(modelled)")
  }

  @Test(arguments: [3, 5, 6, 7]) func otherNumbersCostMoreThanTheFormulaSays(_ ranks: Int) {
    let cost = Self.cost(ranks)
    let zeros = [Double](repeating: 0, count: ranks)
    let simulated = SimulatedCluster(cost).stepSeconds(compute: zeros, update: zeros)
    #expect(simulated >= 0.98 * cost.exchangeSeconds)
    #expect(simulated < 2 * cost.exchangeSeconds)
  }

  @Test func allWaitForTheSlowest() {
    let cost = Self.cost(4)
    let zeros = [Double](repeating: 0, count: 4)
    let even = SimulatedCluster(cost).stepSeconds(compute: zeros, update: zeros)
    let late = SimulatedCluster(cost).stepSeconds(compute: [0, 0, 2, 0], update: zeros)
    #expect(abs(late - even - 2) < 1e-9)
  }

  /// The volume of the cost model equals that of the messages of training.
  @Test(arguments: [2, 3, 4]) func trainingSendsWhatTheFormulaSays(_ ranks: Int) throws {
    let run = try TrainingRun(.mean) {
      $0.training.lanes = 4
      $0.model.hidden = 120
    }
    let counts = try ThreadRanks.run(ranks) { [configuration = run.configuration] communicator in
      let counting = CountingRanks(communicator)
      let loop = try TrainingLoop(configuration, threads: 1, ranks: counting)
      _ = try loop.step()
      let sent = StepCost(
        parameters: loop.model.layout.count, lanes: 4, ranks: ranks, link: Link(latency: 0, secondsPerByte: 1)
      ).sent(rank: communicator.rank)
      return (counted: Double(counting.bytes.withLock { $0 }), expected: sent)
    }
    // Slices consist of complete blocks.
    for count in counts { #expect(abs(count.counted / count.expected - 1) < 0.25, "\(count)") }
    let (counted, expected) = (counts.map(\.counted).reduce(0, +), counts.map(\.expected).reduce(0, +))
    #expect(abs(counted / expected - 1) < 0.1)
  }

  /// Counts the messages of another communicator.
  private final class CountingRanks: Communicator {
    let bytes = Locked(0)
    private let ranks: any Communicator

    init(_ ranks: any Communicator) { self.ranks = ranks }

    var rank: Int { ranks.rank }
    var count: Int { ranks.count }

    func exchange(sending: [RankMessage], receiving: [RankMessage]) {
      bytes.withLock { $0 += sending.reduce(0) { $0 + 4 * $1.values.columns } }
      ranks.exchange(sending: sending, receiving: receiving)
    }

    func gather(_ bytes: [UInt8], counts: [Int]) -> [UInt8] { ranks.gather(bytes, counts: counts) }
    func abort(status: Int32) -> Never { ranks.abort(status: status) }
    func finish() {}
  }

  /// A rank without others runs its step and waits for no one.
  @Test func aRankAloneMakesItsShare() throws {
    let run = try TrainingRun(.signs) { $0.training.lanes = 4 }
    for count in [2, 4] {
      for rank in 0..<count {
        let benchmark = try RankBenchmark(run.configuration, threads: 1, ranks: SoloRank(rank, of: count))
        let times = try benchmark.steps(3, warmup: 1)
        #expect(times.step > 0 && times.compute > 0 && times.update > 0)
        #expect(times.exchange < times.step)
      }
    }
  }
}
