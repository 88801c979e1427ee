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
}

extension InitialValue {
  /// The product with an operand without any rows: the start alone.
  func store(into result: Matrix, panels: Int) {
    for panel in 0..<panels {
      let column = panel * PackedOperand.panelColumns
      let values: Vector
      switch self {
      case .zero: values = Vector(repeating: 0)
      case .row(let row): values = Vector.load(row.pointer + column)
      case .result: return
      }
      for row in 0..<result.rows { values.store(result.row(row) + column) }
    }
  }
}
