/// The micro-kernel's tile: 6 rows by four panels fill 24 of AVX-512's 32 registers with accumulators.
enum TileShape {
  static let rows = 6
  /// Rows of a tile of bfloat16 operands.
  static let bfloat16Rows = 6
  static let panels = 4

  /// Panels of the widest tile with that number of rows.
  static func panels(rows: Int) -> Int { rows <= 2 ? 8 : panels }

  /// The same for bfloat16 operands: a tile has two sums to an element.
  static func bfloat16Panels(rows: Int) -> Int { rows <= 3 ? 4 : 2 }
}
