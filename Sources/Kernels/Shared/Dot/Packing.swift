import KernelInterface

/// Packed weights: panel p holds the columns 16p…16p + 15 of B `[depth, columns]`, row by row, so that the
/// micro-kernel reads it contiguously. With gates of H columns, unit j of gate g is column g·H′ + j; columns H…H′ − 1
/// of a gate are zeros.
extension Float32DotKernels {
  @inline(never)
  package static func pack(
    _ source: Matrix, width: Int, into destination: PackedOperand, panels: Range<Int>
  ) {
    assert(destination.depth >= source.rows)
    for panel in panels {
      let (column, count) = panelColumns(panel, width: width)
      let target = destination.panel(panel)
      for row in 0..<source.rows {
        Vector.load(source.row(row) + column, count: count).store(target + row * PackedOperand.panelColumns)
      }
      for row in source.rows..<destination.depth {
        Vector(repeating: 0).store(target + row * PackedOperand.panelColumns)
      }
    }
  }

  @inline(never)
  package static func packTransposed(
    _ source: Matrix, width: Int, into destination: PackedOperand, panels: Range<Int>
  ) {
    let gates = source.columns / width
    let gateDepth = destination.depth / gates
    assert(gateDepth == VectorWidth.padded(width) || gateDepth == width)
    for panel in panels {
      var rows = TransposedRows(source, width: width, gateDepth: gateDepth, panel: panel)
      let target = destination.panel(panel)
      for row in 0..<gates * gateDepth { rows.next().store(target + row * PackedOperand.panelColumns) }
    }
  }
}
