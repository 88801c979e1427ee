import WeftParallel

/// The cost model of an optimizer step shared by ranks: computation and exchange.
package struct StepCost: Sendable {
  /// Number of trainable parameters, which equals the number of gradient values exchanged per partial sum.
  package let parameters: Int
  /// Assignment of lanes; its workers are the ranks.
  package let plan: LanePlan
  package let link: Link

  /// Number of small all-gathers: targets, losses, the norm, and whether to stop.
  package static let agreements = 4

  package init(parameters: Int, lanes: Int, ranks: Int, link: Link) {
    self.parameters = parameters
    plan = LanePlan(lanes: lanes, workers: ranks)
    self.link = link
  }

  package var ranks: Int { plan.ranges.count }

  /// Partial sums of all ranks.
  package var roots: Int { plan.nodes.reduce(0) { $0 + $1.count } }

  /// Sequential messages of an all-gather.
  package var agreementRounds: Int { (1...).first { 1 << $0 >= ranks } ?? 0 }

  /// Size of a slice in bytes.
  package var slice: Double { Double(parameters * MemoryLayout<Float>.stride) / Double(ranks) }

  /// Bytes that a rank sends per step: its partial sums except its own slice, and its slice of the new parameters.
  package func sent(rank: Int) -> Double { (Double(plan.nodes[rank].count) + 1) * slice * Double(ranks - 1) }

  /// Bytes that a rank receives per step.
  package func received(rank: Int) -> Double {
    (Double(roots - plan.nodes[rank].count) + Double(ranks - 1)) * slice
  }

  /// Duration of the exchange in seconds, with every rank sending and receiving at full speed.
  package var exchangeSeconds: Double {
    if ranks == 1 { return 0 }
    let bytes = (0..<ranks).map { max(sent(rank: $0), received(rank: $0)) }.max() ?? 0
    // Messages of one kind are sent consecutively without waiting.
    return bytes * link.secondsPerByte + link.latency * Double(2 + StepCost.agreements * agreementRounds)
  }
}
