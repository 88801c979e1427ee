import KernelInterface

/// The packing of right-hand sides that are rounded to bfloat16. The depth is padded with zeros to whole blocks.
enum BFloat16Packing<Rows: BFloat16Rows> {
  @inline(never)
  static func pack(_ source: Matrix, width: Int, into destination: PackedOperand, panels: Range<Int>) {
    assert(destination.depth >= source.rows)
    for panel in panels {
      let (column, count) = panelColumns(panel, width: width)
      fill(destination, panel: panel) { row in
        row < source.rows
          ? Vector.load(source.row(row) + column, count: count) : Vector(repeating: 0)
      }
    }
  }

  @inline(never)
  static func packTransposed(
    _ source: Matrix, width: Int, into destination: PackedOperand, panels: Range<Int>
  ) {
    let gates = source.columns / width
    let gateDepth = destination.depth / gates
    assert(gateDepth == VectorWidth.padded(width) || gateDepth == width)
    for panel in panels {
      var rows = TransposedRows(source, width: width, gateDepth: gateDepth, panel: panel)
      fill(destination, panel: panel) { _ in rows.next() }
    }
  }

  /// Packs the rows of a panel that `row` gives; it is asked for each in order, and for padding.
  @inline(always)
  private static func fill(_ operand: PackedOperand, panel: Int, row: (Int) -> Vector) {
    let columns = PackedOperand.panelColumns
    var target = operand.words(panel: panel)
    for first in stride(from: 0, to: DotAlgorithm.bfloat16PaddedDepth(operand.depth), by: Rows.count) {
      Rows.pack(into: target, stride: columns) { row(first + $0) }
      target += Rows.count / PackedOperand.rowsPerVector * columns
    }
  }

  /// Packs some panels of rows side by side.
  ///
  /// - Parameters:
  ///   - order: The rows to pack; −1 stands for zeros.
  ///   - count: Number of rows to pack, a multiple of `Rows.count`.
  ///   - columns: Words to a vector of all panels.
  ///   - load: The vector of a row from a column on.
  ///   - prefetch: Asks for a row of all panels some time before it is loaded.
  @inline(always)
  static func pack(
    order: UnsafePointer<Int32>, count: Int, panels: Int, columns: Int,
    into packed: UnsafeMutablePointer<Float>, load: (_ row: Int, _ column: Int) -> Vector,
    prefetch: (_ row: Int) -> Void
  ) {
    // Rows take some cache lines each, far apart: as many as the processor can wait for at once.
    let distance = 8
    var target = UnsafeMutableRawPointer(packed).assumingMemoryBound(to: UInt32.self)
    for first in Swift.stride(from: 0, to: count, by: Rows.count) {
      if first + distance + Rows.count <= count {
        for index in first + distance..<first + distance + Rows.count { prefetch(Int(order[index])) }
      }
      for panel in 0..<panels {
        let column = panel * PackedOperand.panelColumns
        Rows.pack(into: target + column, stride: columns) {
          let position = Int(order[first + $0])
          return position < 0 ? Vector(repeating: 0) : load(position, column)
        }
      }
      target += Rows.count / PackedOperand.rowsPerVector * columns
    }
  }
}
