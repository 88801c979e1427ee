import KernelInterface
import WeftBase

/// Matrix products of bfloat16 operands, in vector instructions: those of this module's tiles, `BFloat16KernelTile`.
package enum BFloat16DotKernels: DotKernels, LeftRounding {
  package static var algorithm: DotAlgorithm { .bf16_bf16_f32 }

  package static var leftRounding: (any LeftRounding.Type)? { BFloat16DotKernels.self }

  package static func pack(
    _ source: Matrix, width: Int, into destination: PackedOperand, panels: Range<Int>
  ) {
    BFloat16Packing<BFloat16Quads>.pack(source, width: width, into: destination, panels: panels)
  }

  package static func packTransposed(
    _ source: Matrix, width: Int, into destination: PackedOperand, panels: Range<Int>
  ) {
    BFloat16Packing<BFloat16Quads>.packTransposed(source, width: width, into: destination, panels: panels)
  }

  package static func multiplyScratchByteCount(rows: Int, depth: Int) -> Int {
    BFloat16Product<BFloat16KernelTile>.scratchByteCount(rows: rows, depth: depth)
  }

  package static func multiply(
    _ left: Matrix, _ right: PackedOperand, initial: InitialValue, into result: Matrix, blocks: BlockSizes,
    scratch: AlignedBytes
  ) {
    if left.rows == 0 { return }
    if right.depth == 0 { return initial.store(into: result, panels: right.panels) }
    WorkerPool.flushingDenormals {
      BFloat16Product<BFloat16KernelTile>.multiply(
        left, right, initial: initial, into: result, blocks: blocks, scratch: scratch)
    }
  }

  package static func roundedLeftByteCount(rows: Int, depth: Int, blocks: BlockSizes) -> Int {
    BFloat16Product<BFloat16KernelTile>.roundedLeftByteCount(rows: rows, depth: depth)
  }

  package static func roundLeft(
    _ left: Matrix, depth: Int, part: Int, of parts: Int, blocks: BlockSizes, into rounded: AlignedBytes
  ) {
    BFloat16Product<BFloat16KernelTile>.roundLeft(
      left, depth: depth, part: part, of: parts, blocks: blocks, into: rounded)
  }

  package static func multiply(
    rounded: AlignedBytes, _ right: PackedOperand, initial: InitialValue, into result: Matrix,
    blocks: BlockSizes
  ) {
    WorkerPool.flushingDenormals {
      BFloat16Product<BFloat16KernelTile>.multiply(
        rounded: rounded, right, initial: initial, into: result, blocks: blocks)
    }
  }

  package static var outerProductsTile: Int { BFloat16KernelTile.rows }

  package static func outerProducts(
    lefts: [OuterOperand], right: StoredRows, width: Int, positions: LaneIndex, nodes: [Range<Int>],
    outputs: [[Matrix]], accumulates: Bool, scratch: AlignedBytes
  ) {
    WorkerPool.flushingDenormals {
      WeightGradients<BFloat16TileGradients<BFloat16KernelTile>>.outerProducts(
        lefts: lefts, right: right, width: width, positions: positions, nodes: nodes, outputs: outputs,
        accumulates: accumulates, scratch: scratch)
    }
  }

  package static func outerProductsScratchByteCount(positions: LaneIndex, leftColumns: Int) -> Int {
    WeightGradients<BFloat16TileGradients<BFloat16KernelTile>>.scratchByteCount(
      positions: positions, leftColumns: leftColumns)
  }
}

extension BFloat16DotKernels: SplitOuterProducts {
  package static func splitOuterProducts(
    lefts: [OuterOperand], right: StoredRows, width: Int, positions: LaneIndex, nodes: [Range<Int>],
    outputs: [[Matrix]], accumulates: Bool, scratch: AlignedBytes
  ) {
    WorkerPool.flushingDenormals {
      WeightGradients<SplitGradients<BFloat16TileGradients<BFloat16KernelTile>>>.outerProducts(
        lefts: lefts, right: right, width: width, positions: positions, nodes: nodes, outputs: outputs,
        accumulates: accumulates, scratch: scratch)
    }
  }

  package static func splitOuterProductsScratchByteCount(positions: LaneIndex, leftColumns: Int) -> Int {
    WeightGradients<SplitGradients<BFloat16TileGradients<BFloat16KernelTile>>>.scratchByteCount(
      positions: positions, leftColumns: leftColumns)
  }
}
