/// The micro-kernel's tile: 6 rows by one panel fill twelve of AVX2's sixteen registers with accumulators.
enum TileShape {
  static let rows = 6
  static let panels = 1
}
