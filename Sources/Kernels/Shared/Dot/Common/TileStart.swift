import KernelInterface

/// The initial values of a tile's accumulators.
enum TileStart {
  case zero
  case row(UnsafePointer<Float>)
  case result

  init(_ initial: InitialValue) {
    switch initial {
    case .zero: self = .zero
    case .row(let values): self = .row(values.pointer)
    case .result: self = .result
    }
  }

  /// The start of the tile `column` columns to the right.
  @inline(always)
  func advanced(column: Int) -> TileStart {
    if case .row(let values) = self { return .row(values + column) }
    return self
  }

  /// Stores the start of a tile in its result.
  @inline(always)
  func store(rows: Int, panels: Int, into result: UnsafeMutablePointer<Float>, stride: Int) {
    for panel in 0..<panels {
      let column = panel * PackedOperand.panelColumns
      let values: Vector
      switch self {
      case .zero: values = Vector(repeating: 0)
      case .row(let row): values = Vector.load(aligned: row + column)
      case .result: return
      }
      for row in 0..<rows { values.store(aligned: result + row * stride + column) }
    }
  }
}
