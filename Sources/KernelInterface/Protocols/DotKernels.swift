/// Everything that multiplies matrices, by one dot algorithm: the packing of right-hand sides, products, and weight
/// gradients.
///
/// One type conforms for each algorithm and instruction set, or matrix unit. All types of one algorithm give the bits
/// that it defines, natively or by emulation, and can stand in for one another. An operand must be multiplied by the
/// type that packed it.
package protocol DotKernels: SendableMetatype {
  /// The algorithm that defines the bits.
  static var algorithm: DotAlgorithm { get }

  /// Whether a matrix unit multiplies: so fast that weights from beyond the L2 cache halve its speed.
  static var isMatrixUnit: Bool { get }

  /// Packs weights `[depth, G × H]`; each gate starts a new panel.
  ///
  /// - Parameters:
  ///   - source: Gates side by side.
  ///   - width: Columns of one gate.
  ///   - destination: G × H′ columns; rows beyond the source's depth are packed as zeros.
  ///   - panels: The panels to write, so that workers can share the packing.
  static func pack(_ source: Matrix, width: Int, into destination: PackedOperand, panels: Range<Int>)

  /// Packs the transpose of weights `[columns, G × H]`. The packed depth is G × H′, each gate padded with zeros, to
  /// match gates in memory; or G × H, to match activations without padding between gates.
  static func packTransposed(
    _ source: Matrix, width: Int, into destination: PackedOperand, panels: Range<Int>)

  /// C = initial + A·B, each element accumulated over the depth as the algorithm defines.
  ///
  /// - Parameters:
  ///   - left: A `[rows, depth]`.
  ///   - right: B `[depth, columns]`, packed.
  ///   - initial: What is added to.
  ///   - result: C `[rows, columns of B padded to whole panels]`. May not overlap A.
  ///   - blocks: How the product is blocked; changes no bit.
  ///   - scratch: At least `multiplyScratchByteCount` bytes that no other thread uses.
  static func multiply(
    _ left: Matrix, _ right: PackedOperand, initial: InitialValue, into result: Matrix, blocks: BlockSizes,
    scratch: AlignedBytes)

  /// Bytes of scratch memory that `multiply` needs for a left-hand side `[rows, depth]`, a multiple of
  /// `AlignedBytes.alignment`.
  static func multiplyScratchByteCount(rows: Int, depth: Int) -> Int

  /// The same product for threads that share it; nil if products read the left-hand side where it is.
  static var leftRounding: (any LeftRounding.Type)? { get }

  /// Σ over positions p of left[leftRow(p)]ᵀ · right[p], for several left-hand sides: the gradients of all weights
  /// whose products the same gates sum, and of the bias. Each element is accumulated over the positions of a lane as the
  /// algorithm defines, and over the lanes by the fixed tree, see `LaneKernels`.
  ///
  /// - Parameters:
  ///   - lefts: The left-hand sides.
  ///   - right: Gradients of gates `[P, G × H′]`; rounded only where the algorithm rounds them.
  ///   - width: H.
  ///   - positions: The positions of each lane.
  ///   - nodes: The tree nodes that the worker covers, as ranges of its own lanes.
  ///   - outputs: For each node a matrix `[columns of the left-hand side, G × H]` for each left-hand side.
  ///   - accumulates: Whether outputs are added to, instead of overwritten.
  ///   - scratch: At least `outerProductsScratchByteCount` bytes that no other thread uses.
  static func outerProducts(
    lefts: [OuterOperand], right: StoredRows, width: Int, positions: LaneIndex, nodes: [Range<Int>],
    outputs: [[Matrix]], accumulates: Bool, scratch: AlignedBytes)

  /// Bytes of scratch memory that `outerProducts` needs for these positions and `leftColumns` columns of all
  /// left-hand sides together, a multiple of `AlignedBytes.alignment`.
  static func outerProductsScratchByteCount(positions: LaneIndex, leftColumns: Int) -> Int

  /// Runs multiply-adds of a matrix unit, or of an instruction for the algorithm, as fast as it can, without operands
  /// from memory.
  ///
  /// - Parameter repetitions: Multiply-adds of each of several independent tiles.
  /// - Returns: Number of multiply-adds of elements; 0 for kernels of float32 multiply-adds, see `PeakKernels`.
  static func multiplyAddTiles(repetitions: Int) -> Int

  /// Columns of the left-hand sides in one tile of `outerProducts`: splitting them at multiples of it costs no speed.
  static var outerProductsTile: Int { get }
}

extension DotKernels {
  package static var isMatrixUnit: Bool { false }

  package static func multiplyAddTiles(repetitions: Int) -> Int { 0 }

  package static var leftRounding: (any LeftRounding.Type)? { nil }

  /// `outerProducts` of one left-hand side that overwrites its outputs.
  package static func outerProducts(
    left: Matrix, leftRows: [Int32]?, right: Matrix, width: Int, positions: LaneIndex, nodes: [Range<Int>],
    outputs: [Matrix], scratch: AlignedBytes
  ) {
    outerProducts(
      lefts: [OuterOperand(left, rows: leftRows)], right: .float32(right), width: width, positions: positions,
      nodes: nodes, outputs: outputs.map { [$0] }, accumulates: false, scratch: scratch)
  }
}
