import KernelInterface

/// Gradients that are sums of rows, over the positions p of each lane in order, then over the lanes by the fixed tree:
///
///     biases, shifts         db = Σₚ da[p]
///     gains                  dgain = Σₚ da[p]∘n[p]
///     embedding of token v   dE[v] = Σ over p with token(p) = v of dx[p]
extension VectorKernels {
  @inline(never)
  package static func columnSums(
    values: Matrix, factors: Matrix?, width: Int, rows: LaneIndex, nodes: [Range<Int>], outputs: [Matrix],
    accumulates: Bool
  ) {
    let panelsPerGate = panels(width)
    let panelCount = outputs.isEmpty ? 0 : outputs[0].columns / width * panelsPerGate
    for (node, output) in zip(nodes, outputs) {
      for panel in 0..<panelCount {
        let sum = columnSum(values, factors, column: panel * Vector.scalarCount, rows: rows, lanes: node)
        let firstUnit = panel % panelsPerGate * Vector.scalarCount
        let target = output.pointer + panel / panelsPerGate * width + firstUnit
        let count = min(Vector.scalarCount, width - firstUnit)
        (accumulates ? Vector.load(target, count: count) + sum : sum).store(target, count: count)
      }
    }
  }

  private static func columnSum(
    _ values: Matrix, _ factors: Matrix?, column: Int, rows: LaneIndex, lanes: Range<Int>
  ) -> Vector {
    if lanes.count > 1 {
      let (lower, upper) = halves(of: lanes)
      return columnSum(values, factors, column: column, rows: rows, lanes: lower)
        + columnSum(values, factors, column: column, rows: rows, lanes: upper)
    }
    var sum = Vector(repeating: 0)
    for index in rows.starts[lanes.lowerBound]..<rows.starts[lanes.upperBound] {
      let row = Int(rows.rows[index])
      let value = Vector.load(values.row(row) + column)
      if let factors {
        sum = multiplyAdd(value, Vector.load(factors.row(row) + column), sum)
      } else {
        sum += value
      }
    }
    return sum
  }

  /// A row for each level of a tree of up to 2³⁰ lanes.
  package static func tokenSumsScratchByteCount(width: Int) -> Int {
    31 * VectorWidth.padded(width) * MemoryLayout<Float>.stride
  }

  /// Lanes without a token are skipped: they would add +0 to a sum that is never −0.
  @inline(never)
  package static func tokenSums(
    values: StoredRows, width: Int, tokens: TokenIndex, nodes: [Range<Int>], outputs: [Matrix],
    accumulates: Bool, scratch: AlignedBytes
  ) {
    switch values {
    case .float32(let matrix):
      tokenSums(
        matrix, width: width, tokens: tokens, nodes: nodes, outputs: outputs, accumulates: accumulates,
        scratch: scratch)
    case .bfloat16(let matrix):
      tokenSums(
        matrix, width: width, tokens: tokens, nodes: nodes, outputs: outputs, accumulates: accumulates,
        scratch: scratch)
    }
  }

  @inline(always)
  private static func tokenSums<Values: VectorRows>(
    _ values: Values, width: Int, tokens: TokenIndex, nodes: [Range<Int>], outputs: [Matrix],
    accumulates: Bool, scratch: AlignedBytes
  ) {
    assert(scratch.count >= tokenSumsScratchByteCount(width: width))
    let rows = scratch.bound(to: Float.self)
    let sums = TokenSum(values: values, padded: VectorWidth.padded(width), tokens: tokens)
    for (node, output) in zip(nodes, outputs) {
      if !accumulates {
        for row in 0..<output.rows { output.row(row).update(repeating: 0, count: output.columns) }
      }
      for index in tokens.tokens.indices {
        let entries = tokens.starts[index]..<tokens.starts[index + 1]
        if sums.fold(entries, lanes: node, into: rows) {
          // Without accumulation rows hold zeros, to which adding changes nothing.
          addRow(rows, to: output.row(Int(tokens.tokens[index])), count: width)
        }
      }
    }
  }
}

@inline(always)
private func addRow(_ source: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>, count: Int) {
  @inline(always)
  func addVector(_ column: Int, _ count: Int) {
    (Vector.load(target + column, count: count) + .load(source + column, count: count))
      .store(target + column, count: count)
  }
  forEachVector(in: count, addVector)
}

/// Rows that are read sixteen elements at a time.
private protocol VectorRows {
  func load(row: Int, column: Int) -> Vector
}

extension Matrix: VectorRows {
  @inline(always)
  fileprivate func load(row: Int, column: Int) -> Vector { Vector.load(self.row(row) + column) }
}

extension BFloat16Matrix: VectorRows {
  @inline(always)
  fileprivate func load(row: Int, column: Int) -> Vector {
    Vector.load(upperHalves: UnsafePointer(self.row(row) + column))
  }
}

/// The fold over lanes of one token's rows.
private struct TokenSum<Values: VectorRows> {
  let values: Values
  let padded: Int
  let tokens: TokenIndex

  /// target = the sum over the token's entries in `lanes`, by the tree over those lanes that have any; false, and the
  /// target unchanged, if there are none.
  func fold(_ entries: Range<Int>, lanes: Range<Int>, into target: UnsafeMutablePointer<Float>) -> Bool {
    var lower = entries.lowerBound
    while lower < entries.upperBound, tokens.lanes[lower] < lanes.lowerBound { lower += 1 }
    var upper = lower
    while upper < entries.upperBound, tokens.lanes[upper] < lanes.upperBound { upper += 1 }
    if lower == upper { return false }
    if lanes.count == 1 {
      sum(lower..<upper, into: target)
      return true
    }
    let (first, second) = halves(of: lanes)
    let other = target + padded
    let inFirst = fold(lower..<upper, lanes: first, into: target)
    if !inFirst { return fold(lower..<upper, lanes: second, into: target) }
    if fold(lower..<upper, lanes: second, into: other) {
      @inline(always)
      func accumulate(_ column: Int) {
        (Vector.load(target + column) + Vector.load(other + column)).store(target + column)
      }
      forEachPanel(columns: padded, accumulate)
    }
    return true
  }

  private func sum(_ entries: Range<Int>, into target: UnsafeMutablePointer<Float>) {
    @inline(always)
    func accumulate(_ column: Int) {
      var sum = Vector(repeating: 0)
      for entry in entries { sum += values.load(row: Int(tokens.positions[entry]), column: column) }
      sum.store(target + column)
    }
    forEachPanel(columns: padded, accumulate)
  }
}
