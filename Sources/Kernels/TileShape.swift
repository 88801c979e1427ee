/// The micro-kernel's tile: 6 rows by one panel fill twelve of AVX2's sixteen registers with accumulators.
enum TileShape {
  static let rows = 6
  /// Rows of a tile of bfloat16 operands, which need registers to widen them in.
  static let bfloat16Rows = 5
  static let panels = 1

  /// Panels of the widest tile with that number of rows.
  static func panels(rows: Int) -> Int {
    switch rows {
    case 1: 4
    case 2: 3
    case 3: 2
    default: panels
    }
  }

  /// The same for bfloat16 operands.
  static func bfloat16Panels(rows: Int) -> Int {
    switch rows {
    case 1: 4
    case 2, 3: 2
    default: 1
    }
  }
}
