import KernelInterface

/// The columns of gates of width H side by side, one after the other, as rows: sixteen rows of the source at a time.
struct TransposedRows {
  private let source: Matrix
  private let width: Int
  private let gates: Int
  private let gateDepth: Int
  /// The first of the source's rows, which become the elements of a vector, and how many there are.
  private let first: Int
  private let count: Int
  private var gate = 0
  private var unit = 0
  private var block: Block

  private typealias Block = InlineArray<16, Vector>

  /// - Parameters:
  ///   - gateDepth: Rows of a gate: `width`, or more, of which the others are zeros.
  ///   - panel: The panel that the source's rows become.
  @inline(always)
  init(_ source: Matrix, width: Int, gateDepth: Int, panel: Int) {
    self.source = source
    self.width = width
    self.gateDepth = gateDepth
    gates = source.columns / width
    first = panel * PackedOperand.panelColumns
    let rest = source.rows - first
    count = rest < PackedOperand.panelColumns ? rest : PackedOperand.panelColumns
    block = Self.zeros()
  }

  /// The next row; zeros after the last one.
  @inline(always)
  mutating func next() -> Vector {
    if gate == gates { return Vector(repeating: 0) }
    let place = unit % Vector.scalarCount
    if place == 0 { block = load() }
    let row = block[place]
    unit += 1
    if unit == gateDepth { (gate, unit) = (gate + 1, 0) }
    return row
  }

  /// Sixteen columns, from the present unit on.
  @inline(never)
  private func load() -> Block {
    var rows = Self.zeros()
    let rest = width - unit
    let columns = rest < Vector.scalarCount ? (rest > 0 ? rest : 0) : Vector.scalarCount
    for index in 0..<count {
      rows[index] = Vector.load(source.row(first + index) + gate * width + unit, count: columns)
    }
    // Each round interleaves the first eight rows with the last eight; after four, rows are columns.
    for _ in 0..<4 { rows = Self.interleaved(rows) }
    return rows
  }

  @inline(always)
  private static func interleaved(_ rows: Block) -> Block {
    var result = zeros()
    for index in 0..<8 {
      let (first, second) = (rows[index].halves, rows[index + 8].halves)
      result[2 * index] = Vector(alternating: first.0, second.0)
      result[2 * index + 1] = Vector(alternating: first.1, second.1)
    }
    return result
  }

  /// A literal: `InlineArray(repeating:)` becomes a function that all modules share, compiled for any of their
  /// instruction sets.
  @inline(always)
  private static func zeros() -> Block {
    let z = Vector(repeating: 0)
    return [z, z, z, z, z, z, z, z, z, z, z, z, z, z, z, z]
  }
}
