import CTile
import KernelInterface

/// Matrix products of bfloat16 operands by the tiles of Intel's Advanced Matrix Extensions (AMX), whose instruction
/// `TDPBF16PS` computes a block of `DotAlgorithm.bf16_bf16_f32`: Intel 64 and IA-32 Architectures Software Developer's
/// Manual, volume 2.
///
/// Rows are packed in pairs, which are the rows of tiles. The process needs the permission of the operating system to
/// use tiles, see `InstructionSet`.
package enum AMXDotKernels: DotKernels, LeftRounding {
  package static var algorithm: DotAlgorithm { .bf16_bf16_f32 }

  package static var leftRounding: (any LeftRounding.Type)? { AMXDotKernels.self }

  package static var isMatrixUnit: Bool { true }

  /// Rows of a tile, and columns of one of results.
  static var tileRows: Int { 16 }
  /// Bytes of a row of a tile.
  static var rowBytes: Int { 64 }

  package static func pack(
    _ source: Matrix, width: Int, into destination: PackedOperand, panels: Range<Int>
  ) {
    BFloat16Packing<BFloat16Pairs>.pack(source, width: width, into: destination, panels: panels)
  }

  package static func packTransposed(
    _ source: Matrix, width: Int, into destination: PackedOperand, panels: Range<Int>
  ) {
    BFloat16Packing<BFloat16Pairs>.packTransposed(source, width: width, into: destination, panels: panels)
  }

  @inline(never)
  package static func multiplyAddTiles(repetitions: Int) -> Int {
    weft_tile_configure(tileRows, tileRows)
    for _ in 0..<repetitions {
      for tile in 0..<4 { weft_tile_multiply_add(tile) }
    }
    weft_tile_release()
    return 4 * tileRows * tileRows * DotAlgorithm.bfloat16BlockDepth * repetitions
  }
}

/// Operands of a product of one or two tiles of rows by one or two panels, all of whose distances are in bytes.
struct TileOperands {
  /// A's first row, in bfloat16.
  let left: UnsafeRawPointer
  let leftStride: Int
  /// Distance between consecutive blocks of the depth.
  let leftBlockStride: Int
  /// B's pairs.
  let right: UnsafeRawPointer
  /// Distance between consecutive pairs of steps.
  let pairStride: Int
  /// Distance between consecutive panels of a pair of steps.
  let panelStride: Int
  /// Blocks of the depth.
  let blocks: Int
  let start: TileStart
  let result: UnsafeMutableRawPointer
  let resultStride: Int

  /// C = start + A·B with the tiles that the thread has configured.
  ///
  /// - Parameters:
  ///   - upperRows: Rows of the upper tiles.
  ///   - hasLower: Whether there are lower tiles.
  ///   - hasRight: Whether there is a second panel.
  @inline(always)
  func multiply(upperRows: Int, hasLower: Bool, hasRight: Bool) {
    switch (hasLower, hasRight) {
    case (false, false): multiplyFixed(upperRows: upperRows, hasLower: false, hasRight: false)
    case (false, true): multiplyFixed(upperRows: upperRows, hasLower: false, hasRight: true)
    case (true, false): multiplyFixed(upperRows: upperRows, hasLower: true, hasRight: false)
    case (true, true): multiplyFixed(upperRows: upperRows, hasLower: true, hasRight: true)
    }
  }

  /// The flags are constants once inlined.
  @inline(always)
  private func multiplyFixed(upperRows: Int, hasLower: Bool, hasRight: Bool) {
    let rowBytes = AMXDotKernels.rowBytes
    let lowerResult = result + upperRows * resultStride
    initialize(0, from: UnsafeRawPointer(result), column: 0)
    if hasRight { initialize(1, from: UnsafeRawPointer(result + rowBytes), column: 1) }
    if hasLower {
      initialize(2, from: UnsafeRawPointer(lowerResult), column: 0)
      if hasRight { initialize(3, from: UnsafeRawPointer(lowerResult + rowBytes), column: 1) }
    }
    var (left, right) = (left, right)
    for _ in 0..<blocks {
      weft_tile_load(4, left, leftStride)
      weft_tile_load(6, right, pairStride)
      weft_tile_multiply_add(0)
      if hasRight {
        weft_tile_load(7, right + panelStride, pairStride)
        weft_tile_multiply_add(1)
      }
      if hasLower {
        weft_tile_load(5, left + upperRows * leftStride, leftStride)
        weft_tile_multiply_add(2)
        if hasRight { weft_tile_multiply_add(3) }
      }
      left += leftBlockStride
      right += AMXDotKernels.tileRows * pairStride
    }
    weft_tile_store(0, result, resultStride)
    if hasRight { weft_tile_store(1, result + rowBytes, resultStride) }
    if hasLower {
      weft_tile_store(2, lowerResult, resultStride)
      if hasRight { weft_tile_store(3, lowerResult + rowBytes, resultStride) }
    }
  }

  @inline(always)
  private func initialize(_ tile: Int, from values: UnsafeRawPointer, column: Int) {
    switch start {
    case .zero: weft_tile_zero(tile)
    // The same row for all rows of the tile.
    case .row(let row): weft_tile_load(tile, row + column * PackedOperand.panelColumns, 0)
    case .result: weft_tile_load(tile, values, resultStride)
    }
  }
}
