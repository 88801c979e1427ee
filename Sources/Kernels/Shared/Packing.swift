import KernelInterface

/// Packed weights: panel p holds the columns 16p…16p + 15 of B `[depth, columns]`, row by row, so that the
/// micro-kernel reads it contiguously. With gates of H columns, unit j of gate g is column g·H′ + j; columns H…H′ − 1
/// of a gate are zeros.
extension VectorKernels {
  @inline(never)
  package static func pack(
    _ source: Matrix, width: Int, into destination: PackedMatrix, panels: Range<Int>
  ) {
    assert(destination.depth >= source.rows)
    let panelsPerGate = PackedMatrix.padded(width) / PackedMatrix.panelWidth
    for panel in panels {
      let firstUnit = panel % panelsPerGate * PackedMatrix.panelWidth
      let count = min(PackedMatrix.panelWidth, width - firstUnit)
      let column = panel / panelsPerGate * width + firstUnit
      let target = destination.storage.row(panel)
      for row in 0..<source.rows {
        Vector.load(source.row(row) + column, count: count).store(target + row * PackedMatrix.panelWidth)
      }
      for row in source.rows..<destination.depth {
        Vector(repeating: 0).store(target + row * PackedMatrix.panelWidth)
      }
    }
  }

  @inline(never)
  package static func packTransposed(
    _ source: Matrix, width: Int, into destination: PackedMatrix, panels: Range<Int>
  ) {
    let gates = source.columns / width
    let gateDepth = destination.depth / gates
    assert(gateDepth == PackedMatrix.padded(width) || gateDepth == width)
    for panel in panels {
      let first = panel * PackedMatrix.panelWidth
      let count = min(PackedMatrix.panelWidth, source.rows - first)
      let target = destination.storage.row(panel)
      for gate in 0..<gates {
        for unit in 0..<gateDepth {
          let line = target + (gate * gateDepth + unit) * PackedMatrix.panelWidth
          var value = Vector(repeating: 0)
          if unit < width {
            for index in 0..<count { value[index] = source[first + index, gate * width + unit] }
          }
          value.store(line)
        }
      }
    }
  }
}
