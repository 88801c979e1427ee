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
