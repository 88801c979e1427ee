/// Block sizes of matrix products, which affect the speed but not the result. Kernels round them to what their tiles and
/// their dot algorithm allow.
package struct BlockSizes: Sendable, Equatable {
  /// Rows of one micro-kernel tile, 1 to 6.
  package var tileRows: Int
  /// Elements of the inner dimension whose panels stay in the L2 cache.
  package var depth: Int
  /// Rows of the left-hand side that stay in the L2 cache.
  package var rows: Int
  /// Whether a product starts with the last panels. Alternating the direction between products with the same weights
  /// finds the panels used last still in the cache; a constant direction would evict each panel before its next use.
  package var descends = false

  package init(tileRows: Int = 6, depth: Int = 1024, rows: Int = 96) {
    precondition((1...6).contains(tileRows) && depth > 0 && rows > 0)
    self.tileRows = tileRows
    self.depth = depth
    self.rows = rows
  }
}
