/// A step of training on a cluster, message by message.
///
/// Each rank has a link that carries one message at a time out and one in. A message leaves when the link is free, and
/// takes α plus β per byte; it waits while its receiver's link is busy. Unlike `StepCost`, this includes ranks that are
/// not ready at the same time, and several that send to the same one.
package struct SimulatedCluster: Sendable {
  private let cost: StepCost

  package init(_ cost: StepCost) { self.cost = cost }

  /// Duration of a step, until its end on the last rank, in seconds.
  ///
  /// - Parameters:
  ///   - compute: Seconds per rank from the minibatch to its partial sums.
  ///   - update: Seconds per rank from the summed gradient of its slice to the slice's new parameters.
  package func stepSeconds(compute: [Double], update: [Double]) -> Double {
    precondition(compute.count == cost.ranks && update.count == cost.ranks)
    if cost.ranks == 1 { return compute[0] + update[0] }
    // Targets are counted before the computation, losses exchanged after it.
    let agreement = agreementSeconds
    let begun = compute.map { $0 + agreement }
    let computed = [Double](repeating: (begun.max() ?? 0) + agreement, count: cost.ranks)
    let gradients = exchange(starts: computed) { cost.plan.nodes[$0].count }
    // The global gradient norm.
    let normed = (gradients.max() ?? 0) + agreement
    let parameters = exchange(starts: update.map { normed + $0 }) { _ in 1 }
    return (parameters.max() ?? 0) + agreement
  }

  private var agreementSeconds: Double { cost.link.latency * Double(cost.agreementRounds) }

  /// Times at which each rank has sent and received a slice for every other one.
  ///
  /// - Parameters:
  ///   - starts: Start time of each rank.
  ///   - slices: Number of slices that a rank sends to each other rank.
  private func exchange(starts: [Double], slices: (Int) -> Int) -> [Double] {
    struct Message {
      let from: Int
      let to: Int
      let sent: Double
    }
    let (ranks, link) = (cost.ranks, cost.link)
    let seconds = cost.slice * link.secondsPerByte
    var ends = starts
    var messages: [Message] = []
    for rank in 0..<ranks {
      var free = starts[rank]
      for peer in (1..<ranks).map({ (rank + $0) % ranks }) {
        for _ in 0..<slices(rank) {
          messages.append(Message(from: rank, to: peer, sent: free))
          free += seconds
        }
      }
      ends[rank] = free
    }
    var free = starts
    for message in messages.sorted(by: { ($0.sent, $0.from) < ($1.sent, $1.from) }) {
      let end = max(free[message.to], message.sent + link.latency) + seconds
      free[message.to] = end
      ends[message.to] = max(ends[message.to], end)
    }
    return ends
  }
}
