/// How a matrix product is cut into blocks. Blocks change speed and never a bit of the result.
package struct BlockSizes: Sendable, Equatable {
  /// Rows of one micro-kernel tile, 1 to 6.
  package var tileRows: Int
  /// Elements of the inner dimension whose panels stay in the second-level cache.
  package var depth: Int
  /// Rows of the left-hand side that stay in the second-level cache.
  package var rows: Int
  /// Whether a product begins with the last panels. Products with the same weights that take turns find what the one
  /// before used last in the cache, where going round would always find what was used longest ago gone.
  package var descends = false

  package init(tileRows: Int = 6, depth: Int = 1024, rows: Int = 96) {
    precondition((1...6).contains(tileRows) && depth > 0 && rows > 0)
    self.tileRows = tileRows
    self.depth = depth
    self.rows = rows
  }
}
