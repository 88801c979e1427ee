import KernelInterface

/// The assignment of a minibatch's rows to workers.
///
/// Row r belongs to lane r mod `lanes`; rows are sorted by length, so lanes carry nearly equal work.
package struct ShardPlan: Sendable {
  package let lengths: [Int]
  /// The rows of each worker, in its order.
  package let rows: [[Int32]]
  package let layouts: [SequenceLayout]

  package init(lengths: [Int], lanes plan: LanePlan) {
    self.lengths = lengths
    rows = plan.ranges.map { range in
      lengths.indices.filter { range.contains($0 % plan.lanes) }.map(Int32.init)
    }
    layouts = zip(rows, plan.ranges).map { rows, range in
      SequenceLayout(lengths: rows.map { lengths[Int($0)] }, lanes: range.count)
    }
  }
}
