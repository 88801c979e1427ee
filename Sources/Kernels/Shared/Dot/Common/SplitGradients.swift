import KernelInterface

/// Weight gradients of operands split in two bfloat16 numbers, `DotAlgorithm.bf16_bf16_f32_x3`, in the tiles of a format of
/// bfloat16 operands. Each block of positions is packed as three: h, h and l of left-hand sides, h, l and h of right-hand
/// ones. The packing rounds, so that an operand stands for its h.
enum SplitGradients<Format: BFloat16WeightGradientFormat>: WeightGradientFormat {
  static var tileRows: Int { Format.tileRows }
  static var tilePanels: Int { Format.tilePanels }
  static var positionMultiple: Int { DotAlgorithm.bfloat16BlockDepth }
  static var blockMultiple: Int { DotAlgorithm.bfloat16BlockDepth }
  static var addsTiles: Bool { Format.addsTiles }
  static var leftElementByteCount: Int { DotAlgorithm.splitProducts * Format.leftElementByteCount }
  static var rightElementByteCount: Int { DotAlgorithm.splitProducts * Format.rightElementByteCount }
  static var packedPositions: Int { positionMultiple }

  @inline(always)
  static func packTile(
    _ rows: LeftRows, column: Int, columns: Int, offset: Int, into tile: UnsafeMutablePointer<Float>
  ) {
    let part = Format.packedLeft(positionMultiple * tileRows)
    Format.packTile(rows, column: column, columns: columns, offset: offset, into: tile)
    Format.packTile(rows, column: column, columns: columns, offset: offset, into: tile + part)
    withLowParts(of: rows, column: column, columns: columns) {
      Format.packTile($0, column: 0, columns: columns, offset: offset, into: tile + 2 * part)
    }
  }

  /// x − h of some columns of a block of rows.
  @inline(always)
  private static func withLowParts(
    of rows: LeftRows, column: Int, columns: Int, _ body: (LeftRows) -> Void
  ) {
    let stride =
      (tileRows + SIMD8<Float>.scalarCount - 1) / SIMD8<Float>.scalarCount * SIMD8<Float>.scalarCount
    withUnsafeTemporaryAllocation(of: UnsafePointer<Float>.self, capacity: positionMultiple) { pointers in
      withUnsafeTemporaryAllocation(of: Float.self, capacity: positionMultiple * stride) { low in
        guard let low = low.baseAddress, let addresses = pointers.baseAddress else { return }
        for index in 0..<rows.count {
          let target = low + index * stride
          addresses[index] = UnsafePointer(target)
          if rows.isPadding(index) { continue }
          let source = rows.rows[index] + column
          for first in Swift.stride(from: 0, to: columns, by: Vector.scalarCount) {
            let count = min(Vector.scalarCount, columns - first)
            let isWide = column + first + Vector.scalarCount <= rows.columns
            let values = isWide ? Vector.load(source + first) : Vector.load(source + first, count: count)
            values.lowPart.store(target + first, count: min(Vector.scalarCount, stride - first))
          }
        }
        body(LeftRows(rows: addresses, count: rows.count, columns: stride, padding: rows.padding))
      }
    }
  }

  @inline(always)
  static func packRight(
    _ right: RightRows, order: UnsafePointer<Int32>, count: Int, panels: Int,
    into packed: UnsafeMutablePointer<Float>
  ) {
    let columns = tilePanels * PackedOperand.panelColumns
    @inline(always)
    func load(_ position: Int, _ column: Int) -> Vector {
      right.isRounded
        ? right.loadRounded(position: position, column: column)
        : right.load(position: position, column: column)
    }
    for first in stride(from: 0, to: count, by: positionMultiple) {
      let order = order + first
      @inline(always)
      func pack(product: Int, _ load: (_ row: Int, _ column: Int) -> Vector) {
        BFloat16Packing<Format.Rows>.pack(
          order: order, count: positionMultiple, panels: panels, columns: columns,
          into: Format.advanced(
            packed, positions: DotAlgorithm.splitProducts * first + product * positionMultiple),
          load: load, prefetch: { right.prefetch(position: $0, panels: panels) })
      }
      pack(product: 0) { load($0, $1) }
      pack(product: 1) { load($0, $1).lowPart }
      pack(product: 2) { load($0, $1) }
    }
  }

  @inline(always)
  static func advanced(
    _ packed: UnsafeMutablePointer<Float>, positions: Int
  ) -> UnsafeMutablePointer<Float> {
    Format.advanced(packed, positions: DotAlgorithm.splitProducts * positions)
  }

  @inline(always)
  static func sumTile(
    rows: Int, panels: Int, left: UnsafePointer<Float>, right: UnsafePointer<Float>, depth: Int,
    start: TileStart, adding: UnsafeMutablePointer<Float>?, into target: UnsafeMutablePointer<Float>,
    prefetch: PrefetchedLines
  ) {
    Format.sumTile(
      rows: rows, panels: panels, left: left, right: right, depth: DotAlgorithm.splitProducts * depth,
      start: start, adding: adding, into: target, prefetch: prefetch)
  }
}
