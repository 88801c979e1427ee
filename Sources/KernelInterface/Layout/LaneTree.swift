/// The rows of a matrix that belong to each lane, in the order in which a lane's gradient sums them.
package struct LaneIndex: Sendable, Equatable {
  /// Lane i owns `rows[starts[i]..<starts[i + 1]]`.
  package let starts: [Int]
  package let rows: [Int32]

  package init(starts: [Int], rows: [Int32]) {
    precondition(starts.first == 0 && starts.last == rows.count)
    self.starts = starts
    self.rows = rows
  }

  /// Lanes without any rows.
  package init(emptyLanes lanes: Int) { self.init(starts: [Int](repeating: 0, count: lanes + 1), rows: []) }

  package var lanes: Int { starts.count - 1 }
}

/// A node of the fixed binary tree over a minibatch's lanes.
///
/// A lane is a fixed share of a minibatch's rows, independent of the number of workers. Gradients are summed within
/// each lane in a fixed order, then over the lanes by this tree; so results do not depend on the parallelism.
///
/// The tree over L lanes is the perfect binary tree over the next power of two without the missing lanes, so its shape
/// depends on L alone. A node of size s covers the existing ones of the lanes `[first, first + s)`.
package struct LaneNode: Sendable, Hashable {
  package let first: Int
  /// A power of two.
  package let size: Int

  package init(first: Int, size: Int) {
    precondition(size > 0 && size & (size - 1) == 0 && first % size == 0)
    self.first = first
    self.size = size
  }

  /// The minimum set of nodes that cover a contiguous range of `total` lanes exactly, in lane order. A node whose upper
  /// lanes do not exist covers the end of the range.
  package static func cover(_ lanes: Range<Int>, of total: Int) -> [LaneNode] {
    precondition(lanes.lowerBound >= 0 && lanes.upperBound <= total)
    var nodes: [LaneNode] = []
    var next = lanes.lowerBound
    while next < lanes.upperBound {
      var size = 1
      while next % (size * 2) == 0, next + size < total,
        min(next + size * 2, total) <= lanes.upperBound
      {
        size *= 2
      }
      nodes.append(LaneNode(first: next, size: size))
      next += size
    }
    return nodes
  }

  /// The existing lanes of this node.
  package func lanes(of total: Int) -> Range<Int> { first..<min(first + size, total) }
}
