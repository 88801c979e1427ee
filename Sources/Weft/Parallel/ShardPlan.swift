import KernelInterface

/// How the rows of a minibatch are dealt to the workers.
///
/// Row r belongs to lane r mod `lanes`; rows are sorted by length, so lanes carry nearly equal work.
package struct ShardPlan: Sendable {
  package let lengths: [Int]
  /// The minibatch's rows that each worker takes, in its order.
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

extension Minibatch {
  /// The inputs of a worker's positions.
  func shardInputs(_ layout: SequenceLayout, rows: [Int32], arena: Arena) -> ShardInputs {
    switch inputs {
    case .tokens(let tokens):
      return .tokens(steps(layout, rows).map { tokens[$0] })
    case .features(let values, let width):
      return .features(matrix(steps(layout, rows), of: values, width: width, arena: arena))
    }
  }

  /// The targets of a worker's positions, or of its rows where there is one target a row.
  func shardTargets(
    _ layout: SequenceLayout, rows: [Int32], outputSteps: OutputSteps, arena: Arena
  ) -> ShardTargets? {
    let places = outputSteps == .everyStep ? steps(layout, rows) : rows.map { share.count(before: Int($0)) }
    switch targets {
    case nil: return targetSequences == nil ? nil : .labels(labels(layout, rows: rows))
    case .classes(let classes): return .classes(places.map { classes[$0] })
    case .values(let values, let width):
      return .values(matrix(places, of: values, width: width, arena: arena))
    }
  }

  private func labels(_ layout: SequenceLayout, rows: [Int32]) -> LabelledSequences {
    let parts = rows.map { labels(ofRow: Int($0)) }
    return LabelledSequences(
      starts: layout.starts, lengths: layout.lengths, labels: parts.flatMap(\.self),
      offsets: parts.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) })
  }

  /// The step, among those of all rows at hand, of each of a worker's positions.
  private func steps(_ layout: SequenceLayout, _ rows: [Int32]) -> [Int] {
    zip(layout.rowOfPosition, layout.stepOfPosition).map { row, step in
      offsets[Int(rows[Int(row)])] + Int(step)
    }
  }

  private func matrix(_ places: [Int], of values: [Float], width: Int, arena: Arena) -> Matrix {
    let result = arena.matrix(rows: places.count, columns: width)
    let padding = PackedMatrix.padded(width) - width
    values.withUnsafeBufferPointer { source in
      guard let base = source.baseAddress else { return }
      for (row, place) in places.enumerated() {
        result.row(row).update(from: base + place * width, count: width)
        (result.row(row) + width).update(repeating: 0, count: padding)
      }
    }
    return result
  }
}
