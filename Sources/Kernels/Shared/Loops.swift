// The loops of element-wise kernels: `forEachPanel` over padded rows, `forEachVector` over rows of any length. They are
// always inlined. Pass them local functions marked `@inline(always)`: closures would become calls.

/// Calls `body` with each row and the first column of each of its panels. Panels are read and written whole, so rows
/// need as many columns in memory as panels have.
@inline(always)
func forEachPanel(rows: Int, columns: Int, _ body: (_ row: Int, _ column: Int) -> Void) {
  for row in 0..<rows {
    var column = 0
    while column < columns {
      body(row, column)
      column += Vector.scalarCount
    }
  }
}

/// Calls `body` with the first column of each panel of a row.
@inline(always)
func forEachPanel(columns: Int, _ body: (_ column: Int) -> Void) {
  var column = 0
  while column < columns {
    body(column)
    column += Vector.scalarCount
  }
}

/// Calls `body` with the start and length of each run of sixteen elements, then of the shorter rest. The length is a
/// constant in the main loop, so that `Vector.load(_:count:)` costs nothing there.
@inline(always)
func forEachVector(in count: Int, _ body: (_ start: Int, _ count: Int) -> Void) {
  let whole = count & ~(Vector.scalarCount - 1)
  var start = 0
  while start < whole {
    body(start, Vector.scalarCount)
    start += Vector.scalarCount
  }
  if whole < count { body(whole, count - whole) }
}

/// Panels that hold `columns` columns; a panel is as wide as a vector.
@inline(always)
func panels(_ columns: Int) -> Int { (columns + Vector.scalarCount - 1) / Vector.scalarCount }

/// Writes a value to `count` elements. The standard library's own may become a function that all modules share.
@inline(always)
func fillElements(_ pointer: UnsafeMutablePointer<Float>, with value: Float, count: Int) {
  @inline(always)
  func write(_ start: Int, _ count: Int) { Vector(repeating: value).store(pointer + start, count: count) }
  forEachVector(in: count, write)
}

/// Copies `count` elements.
@inline(always)
func copyElements(_ source: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>, count: Int) {
  @inline(always)
  func copyVector(_ start: Int, _ count: Int) {
    Vector.load(source + start, count: count).store(target + start, count: count)
  }
  forEachVector(in: count, copyVector)
}
