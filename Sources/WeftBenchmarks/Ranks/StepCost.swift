import WeftParallel

/// The cost of an optimizer step that ranks share, on paper: what a rank computes, and what it exchanges.
package struct StepCost: Sendable {
  /// Numbers that are trained, as many as a rank exchanges of gradients for each of its roots.
  package let parameters: Int
  /// How the lanes are shared out; its workers are the ranks.
  package let plan: LanePlan
  package let link: Link

  /// Rounds in which all ranks tell one another a few numbers: targets, losses, the norm, and whether to stop.
  package static let agreements = 4

  package init(parameters: Int, lanes: Int, ranks: Int, link: Link) {
    self.parameters = parameters
    plan = LanePlan(lanes: lanes, workers: ranks)
    self.link = link
  }

  package var ranks: Int { plan.ranges.count }

  /// Roots of all ranks.
  package var roots: Int { plan.nodes.reduce(0) { $0 + $1.count } }

  /// Messages one after the other until all ranks know what each of several tells.
  package var agreementRounds: Int { (1...).first { 1 << $0 >= ranks } ?? 0 }

  /// Bytes of a slice.
  package var slice: Double { Double(parameters * MemoryLayout<Float>.stride) / Double(ranks) }

  /// Bytes that a rank sends in a step: its roots but for its own slice of them, and its slice of the new parameters.
  package func sent(rank: Int) -> Double { (Double(plan.nodes[rank].count) + 1) * slice * Double(ranks - 1) }

  /// Bytes that a rank receives.
  package func received(rank: Int) -> Double {
    (Double(roots - plan.nodes[rank].count) + Double(ranks - 1)) * slice
  }

  /// Seconds of the exchange, where every rank sends and receives at the full speed of its link.
  package var exchangeSeconds: Double {
    if ranks == 1 { return 0 }
    let bytes = (0..<ranks).map { max(sent(rank: $0), received(rank: $0)) }.max() ?? 0
    // Messages of one kind leave one after the other without waiting for those before.
    return bytes * link.secondsPerByte + link.latency * Double(2 + StepCost.agreements * agreementRounds)
  }
}
