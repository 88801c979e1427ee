import KernelInterface
import WeftBase
import WeftTensor

/// The exchange of gradients between ranks: each rank sends every other rank the slice of its partial sums that the
/// other one reduces.
///
/// The partial sums of a rank are the roots of its lanes, the fewest tree nodes that cover them: one if the numbers of
/// lanes and ranks are powers of two, and at most 2·log₂(lanes). A rank sends its roots except for its own slice, and
/// buffers one slice for each root of the others.
final class GradientExchange: Sendable {
  let ranks: any Communicator
  /// The reduction of all ranks' roots; its workers are the ranks.
  let plan: LanePlan
  /// Buffers for other ranks' roots, by their ranges.
  private let buffers = Locked([[Range<Int>]: [[Tensor]]]())

  init(_ ranks: any Communicator, lanes: Int) {
    self.ranks = ranks
    plan = LanePlan(lanes: lanes, workers: ranks.count)
  }

  /// Sends this rank's roots and receives those of the others.
  ///
  /// - Parameters:
  ///   - roots: Flat gradients.
  ///   - ranges: The ranges of a flat gradient that each rank reduces.
  ///   - result: Receives the sum.
  /// - Returns: The sum of all ranks' roots, to be evaluated before the same ranges are exchanged again.
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
