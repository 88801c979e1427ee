import KernelInterface

/// The source of attention: features of every step, grouped by row, so that the steps of a row are contiguous.
package struct SourceMemory {
  /// `[source positions, features]`.
  package let values: Matrix
  /// The rows of `values` for each row of the decoder's shard.
  package let spans: RowSpans
  /// The rows of `values` by lane.
  let index: LaneIndex
  /// The position in the encoder's shard of each row of `values`.
  private let positions: [Int32]

  /// - Parameters:
  ///   - features: Features of every position of the encoder's shard `[positions, features]`.
  ///   - rows: The encoder's row for each row of the decoder's shard.
  ///   - shard: The encoder's shard.
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

  /// The same memory for other rows, such as several hypotheses per row.
  ///
  /// - Parameter rows: The row of `other` for each new row.
  private init(_ other: SourceMemory, rows: [Int32]) {
    values = other.values
    index = other.index
    positions = other.positions
    spans = RowSpans(
      starts: rows.map { other.spans.starts[Int($0)] }, counts: rows.map { other.spans.counts[Int($0)] })
  }

  package func seen(from rows: [Int32]) -> SourceMemory { SourceMemory(self, rows: rows) }

  /// Scatters gradients of `values` to the positions of the encoder.
  package func scatter(_ gradient: Matrix, into positionsGradient: Matrix, _ shard: Shard) {
    shard.kernels.scatterRows(gradient, to: positions, of: positionsGradient)
  }
}
