/// The right-hand side of a matrix product, rearranged for the micro-kernel.
///
/// A matrix `[depth, columns]` is stored as panels of `PackedMatrix.panelWidth` columns; panel p holds its
/// `depth × panelWidth` elements row by row, 64-byte aligned. The last panel is padded with zeros.
public struct PackedMatrix: Sendable {
  /// Columns of one panel. Part of the memory format, independent of the vector width.
  public static let panelWidth = 16

  /// One row per panel: `[panels, depth × panelWidth]`.
  public let storage: Matrix
  /// Rows of the packed matrix.
  public let depth: Int

  /// A packed matrix over memory that outlives it.
  public init(storage: Matrix, depth: Int) {
    assert(storage.columns == depth * PackedMatrix.panelWidth)
    self.storage = storage
    self.depth = depth
  }

  /// Number of panels.
  public var panels: Int { storage.rows }

  /// The panels in `range`, sharing memory.
  public func panels(_ range: Range<Int>) -> PackedMatrix {
    PackedMatrix(storage: storage.rows(range), depth: depth)
  }

  /// `count` rounded up to whole panels.
  public static func padded(_ count: Int) -> Int {
    (count + panelWidth - 1) / panelWidth * panelWidth
  }
}

extension PackedMatrix {
  /// Consecutive panels in one row of memory, `[1, panels × depth × panelWidth]`.
  public init(contiguous memory: Matrix, depth: Int) {
    let panel = depth * PackedMatrix.panelWidth
    self.init(
      storage: Matrix(
        pointer: memory.pointer, rows: panel == 0 ? 0 : memory.columns / panel, columns: panel, stride: panel),
      depth: depth)
  }
}
