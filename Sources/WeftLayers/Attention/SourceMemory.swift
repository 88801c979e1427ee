import KernelInterface

/// What a decoder looks at: the source's features of every step, row by row, so that a row's steps lie together.
package struct SourceMemory {
  /// `[source positions, features]`.
  package let values: Matrix
  /// The rows of `values` that belong to each row of the decoder's shard.
  package let spans: RowSpans
  /// The rows of `values` by lane.
  let index: LaneIndex
  /// For each row of `values`, its position in the encoder's shard.
  private let positions: [Int32]

  /// - Parameters:
  ///   - features: Of every position of the encoder's shard `[positions, features]`.
  ///   - rows: For each row of the decoder's shard, the row of the encoder's.
  ///   - shard: The encoder's.
  package init(_ features: Matrix, rows: [Int32], _ shard: Shard) {
    let layout = shard.layout
    var starts: [Int32] = []
    var positions: [Int32] = []
    positions.reserveCapacity(layout.positions)
    for (row, length) in layout.lengths.enumerated() {
      starts.append(Int32(positions.count))
      for step in 0..<length { positions.append(Int32(layout.starts[step] + row)) }
    }
    self.positions = positions
    spans = RowSpans(
      starts: rows.map { starts[Int($0)] }, counts: rows.map { Int32(layout.lengths[Int($0)]) })
    var laneStarts = [0]
    var laneRows: [Int32] = []
    laneRows.reserveCapacity(positions.count)
    for lane in 0..<layout.lanes {
      for row in layout.laneRows.rows[layout.laneRows.starts[lane]..<layout.laneRows.starts[lane + 1]] {
        let start = starts[Int(row)]
        laneRows += start..<start + Int32(layout.lengths[Int(row)])
      }
      laneStarts.append(laneRows.count)
    }
    index = LaneIndex(starts: laneStarts, rows: laneRows)
    values = shard.arena.matrix(rows: positions.count, columns: features.columns)
    shard.kernels.gatherRows(table: features, indices: positions, into: values.padded)
  }

  /// Looks at the same memory from other rows, such as several hypotheses of each.
  ///
  /// - Parameter rows: For each new row, the row that it looks through.
  private init(_ other: SourceMemory, rows: [Int32]) {
    values = other.values
    index = other.index
    positions = other.positions
    spans = RowSpans(
      starts: rows.map { other.spans.starts[Int($0)] }, counts: rows.map { other.spans.counts[Int($0)] })
  }

  package func seen(from rows: [Int32]) -> SourceMemory { SourceMemory(self, rows: rows) }

  /// Puts gradients of `values` where the encoder's positions are.
  package func scatter(_ gradient: Matrix, into positionsGradient: Matrix, _ shard: Shard) {
    shard.kernels.scatterRows(gradient, to: positions, of: positionsGradient)
  }
}
