import KernelInterface
import WeftBase
import WeftTensor

/// What the ranks exchange of gradients: each gives every other one the slice of its sums that the other one folds.
///
/// A rank's sums are the roots of its lanes, the fewest nodes of the tree that cover them: one where the numbers of
/// lanes and ranks are powers of two, and at most 2·log₂(lanes). The volume that a rank sends is that of its roots but
/// for its own slice, and what it holds for others is one slice for each of their roots.
final class GradientExchange: Sendable {
  let ranks: any Communicator
  /// How the roots of all ranks are folded to one; its workers are the ranks.
  let plan: LanePlan
  /// Memory for other ranks' roots, by the ranges that they hold.
  private let buffers = Locked([[Range<Int>]: [[Tensor]]]())

  init(_ ranks: any Communicator, lanes: Int) {
    self.ranks = ranks
    plan = LanePlan(lanes: lanes, workers: ranks.count)
  }

  /// Sends this rank's roots and receives those of the others.
  ///
  /// - Parameters:
  ///   - roots: Flat gradients.
  ///   - ranges: The places in a flat gradient that each rank folds.
  ///   - result: Is to receive the sum.
  /// - Returns: The sum of all ranks' roots, to be folded before the same ranges are exchanged again.
  func sum(roots: [Matrix], ranges: [[Range<Int>]], result: Matrix) -> GradientSum {
    precondition(roots.count == plan.nodes[ranks.rank].count)
    let own = ranges[ranks.rank]
    let received = buffers(for: own)
    ranks.exchange(
      sending: ranks.others.flatMap { peer in
        roots.flatMap { root in
          ranges[peer].map { RankMessage(peer: peer, values: root.columns($0)) }
        }
      },
      receiving: ranks.others.flatMap { peer in
        received[peer].flatMap { buffer in
          own.packed.map { range, start in
            RankMessage(peer: peer, values: buffer.matrix.columns(start..<start + range.count))
          }
        }
      })
    let nodes = (0..<ranks.count).flatMap { rank in
      rank == ranks.rank
        ? roots.map { GradientPart($0) } : received[rank].map { GradientPart($0.matrix, of: own) }
    }
    return GradientSum(nodes: nodes, additions: plan.additions, result: result)
  }

  private func buffers(for ranges: [Range<Int>]) -> [[Tensor]] {
    if let made = buffers.withLock({ $0[ranges] }) { return made }
    let made = (0..<ranks.count).map { rank in
      rank == ranks.rank
        ? [] : plan.nodes[rank].map { _ in Tensor(rows: 1, columns: ranges.elementCount) }
    }
    buffers.withLock { $0[ranges] = made }
    return made
  }
}
