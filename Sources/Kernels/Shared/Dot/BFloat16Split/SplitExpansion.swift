import KernelInterface

/// Rows of a left-hand side as three blocks for each block of 32 columns: x, x and x − h.
enum LeftExpansion {
  /// Rows that are expanded at once.
  static var maximumRows: Int { 96 }

  /// - Parameter depth: Of the expansion.
  static func byteCount(rows: Int, depth: Int) -> Int { rows * depth * MemoryLayout<Float>.stride }

  /// Pads rows with zeros to the depth of the expansion.
  static func expand(_ matrix: Matrix, depth: Int, into memory: AlignedBytes) -> Matrix {
    let expansion = Matrix(
      pointer: memory.bound(to: Float.self), rows: matrix.rows, columns: depth, stride: depth)
    let (block, width) = (DotAlgorithm.bfloat16BlockDepth, Vector.scalarCount)
    for row in 0..<matrix.rows {
      let source = matrix.row(row)
      var target = expansion.row(row)
      for first in stride(from: 0, to: depth / DotAlgorithm.splitProducts, by: block) {
        for column in stride(from: first, to: first + block, by: width) {
          let count = max(0, min(width, matrix.columns - column))
          let values =
            count == width ? Vector.load(source + column) : Vector.load(source + column, count: count)
          values.store(target)
          values.store(target + block)
          values.lowPart.store(target + 2 * block)
          target += width
        }
        target += 2 * block
      }
    }
    return expansion
  }
}

/// The rows of one panel of a right-hand side as three blocks for each block of 32 rows: x, x − h and x.
struct RightExpansion {
  private let start: UnsafeMutablePointer<Float>
  private var count = 0

  /// - Parameters:
  ///   - depth: Rows of the panel.
  ///   - fill: Appends rows, `depth` or fewer. The others are zeros.
  ///   - body: Receives all rows with their padding, `[3 × padded depth, panel columns]`.
  static func withRows(depth: Int, _ fill: (inout RightExpansion) -> Void, _ body: (Matrix) -> Void) {
    let rows = DotAlgorithm.splitProducts * DotAlgorithm.bfloat16PaddedDepth(depth)
    let columns = PackedOperand.panelColumns
    withUnsafeTemporaryAllocation(of: Float.self, capacity: max(rows, 1) * columns) { memory in
      guard let start = memory.baseAddress else { return }
      memory.initialize(repeating: 0)
      var expansion = RightExpansion(start: start)
      fill(&expansion)
      body(Matrix(pointer: start, rows: rows, columns: columns, stride: columns))
    }
  }

  private init(start: UnsafeMutablePointer<Float>) { self.start = start }

  @inline(always)
  mutating func append(_ row: Vector) {
    let block = DotAlgorithm.bfloat16BlockDepth
    let (blocks, place) = count.quotientAndRemainder(dividingBy: block)
    let target = start + (blocks * DotAlgorithm.splitProducts * block + place) * PackedOperand.panelColumns
    row.store(target)
    row.lowPart.store(target + block * PackedOperand.panelColumns)
    row.store(target + 2 * block * PackedOperand.panelColumns)
    count += 1
  }
}
