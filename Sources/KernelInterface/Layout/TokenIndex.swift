/// The positions of each token, by lane, in the order in which a lane's gradient sums them.
package struct TokenIndex: Sendable, Equatable {
  /// The distinct tokens, ascending.
  package let tokens: [Int32]
  /// Token i owns the entries `starts[i]..<starts[i + 1]`.
  package let starts: [Int]
  /// Entries in order of token, lane, time step, row.
  package let positions: [Int32]
  /// Lane of each entry.
  package let lanes: [Int32]

  /// - Parameters:
  ///   - tokens: The token of each position, not negative.
  ///   - index: The positions of each lane.
  package init(tokens: [Int32], index: LaneIndex) {
    let maximum = Int(tokens.max() ?? -1)
    var ends = [Int](repeating: 0, count: maximum + 2)
    for position in index.rows { ends[Int(tokens[Int(position)]) + 1] += 1 }
    var distinct: [Int32] = []
    var starts: [Int] = []
    for token in 0..<(maximum + 1) {
      if ends[token + 1] > 0 {
        distinct.append(Int32(token))
        starts.append(ends[token])
      }
      ends[token + 1] += ends[token]
    }
    starts.append(index.rows.count)
    var positions = [Int32](repeating: 0, count: index.rows.count)
    var lanes = positions
    for lane in 0..<index.lanes {
      for position in index.rows[index.starts[lane]..<index.starts[lane + 1]] {
        let token = Int(tokens[Int(position)])
        positions[ends[token]] = position
        lanes[ends[token]] = Int32(lane)
        ends[token] += 1
      }
    }
    self.tokens = distinct
    self.starts = starts
    self.positions = positions
    self.lanes = lanes
  }
}
