import KernelInterface

/// Matrix products of operands split in two bfloat16 numbers, by kernels of bfloat16 operands: the depth has three blocks
/// for each block of the operands. Those kernels round, so that an operand stands for its h.
package enum SplitDotKernels<Base: SplitOuterProducts>: DotKernels {
  package static var algorithm: DotAlgorithm { .bf16_bf16_f32_x3 }

  package static var isMatrixUnit: Bool { Base.isMatrixUnit }

  package static func pack(
    _ source: Matrix, width: Int, into destination: PackedOperand, panels: Range<Int>
  ) {
    for panel in panels {
      let (column, count) = panelColumns(panel, width: width)
      pack(into: destination, panel: panel) { expansion in
        for row in 0..<source.rows {
          expansion.append(Vector.load(source.row(row) + column, count: count))
        }
      }
    }
  }

  package static func packTransposed(
    _ source: Matrix, width: Int, into destination: PackedOperand, panels: Range<Int>
  ) {
    let gateDepth = destination.depth / (source.columns / width)
    for panel in panels {
      pack(into: destination, panel: panel) { expansion in
        var rows = TransposedRows(source, width: width, gateDepth: gateDepth, panel: panel)
        for _ in 0..<destination.depth { expansion.append(rows.next()) }
      }
    }
  }

  /// Packs the rows of a panel that `fill` appends, and zeros after them.
  private static func pack(
    into operand: PackedOperand, panel: Int, fill: (inout RightExpansion) -> Void
  ) {
    let whole = expanded(operand.panels(panel..<panel + 1))
    RightExpansion.withRows(depth: operand.depth, fill) {
      Base.pack($0, width: PackedOperand.panelColumns, into: whole, panels: 0..<1)
    }
  }

  /// A packed operand as the kernels of bfloat16 operands see it.
  private static func expanded(_ operand: PackedOperand) -> PackedOperand {
    PackedOperand(
      Base.algorithm, depth: expanded(operand.depth),
      columns: operand.panels * PackedOperand.panelColumns, memory: operand.memory)
  }

  private static func expanded(_ depth: Int) -> Int {
    DotAlgorithm.splitProducts * DotAlgorithm.bfloat16PaddedDepth(depth)
  }

  package static func multiply(
    _ left: Matrix, _ right: PackedOperand, initial: InitialValue, into result: Matrix, blocks: BlockSizes,
    scratch: AlignedBytes
  ) {
    let (right, most) = (expanded(right), LeftExpansion.maximumRows)
    let byteCount = LeftExpansion.byteCount(rows: min(left.rows, most), depth: right.depth)
    let rest = scratch.bytes(byteCount..<scratch.count)
    for first in stride(from: 0, to: left.rows, by: most) {
      let rows = first..<min(first + most, left.rows)
      let expansion = LeftExpansion.expand(left.rows(rows), depth: right.depth, into: scratch)
      Base.multiply(
        expansion, right, initial: initial, into: result.rows(rows), blocks: blocks, scratch: rest)
    }
  }

  package static func multiplyScratchByteCount(rows: Int, depth: Int) -> Int {
    let (rows, depth) = (min(rows, LeftExpansion.maximumRows), expanded(depth))
    return LeftExpansion.byteCount(rows: rows, depth: depth)
      + Base.multiplyScratchByteCount(rows: rows, depth: depth)
  }

  package static func outerProducts(
    lefts: [OuterOperand], right: StoredRows, width: Int, positions: LaneIndex, nodes: [Range<Int>],
    outputs: [[Matrix]], accumulates: Bool, scratch: AlignedBytes
  ) {
    Base.splitOuterProducts(
      lefts: lefts, right: right, width: width, positions: positions, nodes: nodes, outputs: outputs,
      accumulates: accumulates, scratch: scratch)
  }

  package static func outerProductsScratchByteCount(positions: LaneIndex, leftColumns: Int) -> Int {
    Base.splitOuterProductsScratchByteCount(positions: positions, leftColumns: leftColumns)
  }

  package static func multiplyAddTiles(repetitions: Int) -> Int {
    Base.multiplyAddTiles(repetitions: repetitions) / DotAlgorithm.splitProducts
  }

  package static var outerProductsTile: Int { Base.outerProductsTile }
}
