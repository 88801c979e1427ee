import KernelInterface
import WeftBase

/// The assignment of lanes to workers, and the reduction of the workers' sums.
///
/// A worker has a contiguous range of lanes and reduces them to the fewest nodes of the fixed tree. The plan then adds
/// those nodes pair by pair in the order of the tree, so the sum has the same bits for any number of workers.
///
/// The sum over all lanes is one node. With several ranks, the workers of a rank reduce its range to the fewest nodes
/// that cover it, the *roots*; a plan whose workers are the ranks reduces those to one.
package struct LanePlan: Sendable {
  package let lanes: Int
  /// The lanes of each worker.
  package let ranges: [Range<Int>]
  /// The nodes of each worker.
  package let nodes: [[LaneNode]]
  /// Additions in order: the second node, numbered over all workers, is added to the first.
  package let additions: [Addition]
  /// Numbers of the nodes that accumulate the roots; only 0 if the plan covers all lanes.
  package let roots: [Int]

  package struct Addition: Sendable, Equatable {
    package let target: Int
    package let source: Int
  }

  /// - Parameters:
  ///   - lanes: Total number of lanes.
  ///   - own: The lanes of these workers; nil for all.
  ///   - keepsLanesApart: Whether every lane is a separate node, for gradients that are summed over several passes: the
  ///     sum of a lane must be complete before it is added to another.
  package init(lanes: Int, own: Range<Int>? = nil, workers: Int, keepsLanesApart: Bool = false) {
    let own = own ?? 0..<lanes
    precondition(own.lowerBound >= 0 && own.upperBound <= lanes && (1...own.count).contains(workers))
    self.lanes = lanes
    ranges = (0..<workers).map {
      let part = share(of: own.count, worker: $0, workers: workers)
      return own.lowerBound + part.lowerBound..<own.lowerBound + part.upperBound
    }
    nodes = ranges.map { range in
      keepsLanesApart ? range.map { LaneNode(first: $0, size: 1) } : LaneNode.cover(range, of: lanes)
    }
    let numbers = Dictionary(
      uniqueKeysWithValues: nodes.flatMap(\.self).enumerated().map { ($0.element, $0.offset) })
    var additions: [Addition] = []
    roots = LaneNode.cover(own, of: lanes).map { LanePlan.fold($0, numbers, lanes: lanes, &additions) }
    self.additions = additions
  }

  /// Plans the reduction of a node and returns its number.
  private static func fold(
    _ node: LaneNode, _ numbers: [LaneNode: Int], lanes: Int, _ additions: inout [Addition]
  ) -> Int {
    if let number = numbers[node] { return number }
    let half = node.size / 2
    let lower = fold(LaneNode(first: node.first, size: half), numbers, lanes: lanes, &additions)
    guard node.first + half < lanes else { return lower }
    let upper = fold(LaneNode(first: node.first + half, size: half), numbers, lanes: lanes, &additions)
    additions.append(Addition(target: lower, source: upper))
    return lower
  }

  /// The nodes of a worker as ranges of its lanes.
  package func localNodes(worker: Int) -> [Range<Int>] {
    nodes[worker].map { node in
      let lanes = node.lanes(of: lanes)
      return lanes.lowerBound - ranges[worker].lowerBound..<lanes.upperBound - ranges[worker].lowerBound
    }
  }
}
