/// The right-hand side B `[depth, columns]` of matrix products, rearranged for the kernels of one dot algorithm.
///
/// It consists of panels of `panelColumns` columns, of which the last one is padded with zeros. Panels follow each other
/// in memory, each takes as many bytes, and each can be packed and multiplied on its own. What the bytes of a panel
/// mean, only the kernels know; it may differ between instruction sets.
///
/// Public, as the compiler inlines only public declarations into other modules.
public struct PackedOperand: Sendable {
  /// Columns of one panel, in every algorithm: one vector, so that each gate, padded to whole vectors, starts a panel.
  @inlinable public static var panelColumns: Int { VectorWidth.elements }

  /// The algorithm that it is packed for.
  public let algorithm: DotAlgorithm
  /// The panels, one after the other.
  public let memory: AlignedBytes
  /// Rows of B.
  public let depth: Int
  /// Number of panels.
  public let panels: Int

  /// An operand over memory that outlives it.
  ///
  /// - Parameters:
  ///   - algorithm: The dot algorithm whose kernels pack and multiply it.
  ///   - depth: Rows of B.
  ///   - columns: Columns of B.
  ///   - memory: At least `byteCount(_:depth:columns:)` bytes.
  public init(_ algorithm: DotAlgorithm, depth: Int, columns: Int, memory: AlignedBytes) {
    self.init(
      algorithm, depth: depth, panels: PackedOperand.panels(columns: columns), memory: memory)
  }

  private init(_ algorithm: DotAlgorithm, depth: Int, panels: Int, memory: AlignedBytes) {
    assert(memory.count >= panels * algorithm.panelByteCount(depth: depth))
    self.algorithm = algorithm
    self.memory = memory
    self.depth = depth
    self.panels = panels
  }

  /// Bytes of an operand `[depth, columns]`.
  public static func byteCount(_ algorithm: DotAlgorithm, depth: Int, columns: Int) -> Int {
    panels(columns: columns) * algorithm.panelByteCount(depth: depth)
  }

  private static func panels(columns: Int) -> Int { (columns + panelColumns - 1) / panelColumns }

  /// Bytes of all panels.
  public var byteCount: Int { panels * algorithm.panelByteCount(depth: depth) }

  /// The panels in `range`, sharing memory.
  public func panels(_ range: Range<Int>) -> PackedOperand {
    assert(range.lowerBound >= 0 && range.upperBound <= panels)
    let size = algorithm.panelByteCount(depth: depth)
    return PackedOperand(
      algorithm, depth: depth, panels: range.count,
      memory: memory.bytes(range.lowerBound * size..<range.upperBound * size))
  }
}
