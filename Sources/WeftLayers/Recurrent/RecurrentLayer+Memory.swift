import KernelInterface

extension RecurrentLayer {
  /// Memory per time step and row in bytes that a forward and backward pass keep.
  package var activationBytes: Int {
    let valueBytes = roundsSteps ? MemoryLayout<UInt16>.stride : MemoryLayout<Float>.stride
    let hidden = VectorWidth.padded(outputSize) * (recurrentDropout > 0 ? 2 : 1)
    let cellState = hasCellState ? VectorWidth.padded(cellSize) : 0
    let zoned =
      (zoneout == nil ? 0 : 2 * VectorWidth.padded(outputSize))
      + (cellZoneout == nil ? 0 : 2 * VectorWidth.padded(cellSize))
    let kept = cell.kept.reduce(0) { $0 + VectorWidth.padded($1) }
    let records = ([input] + cell.recurrentProjections).reduce(0) { $0 + $1.recordBytes }
    // A weight gradient's packed left-hand side is at most as large as that side.
    let packed = VectorWidth.padded(max(outputSize, inputSize))
    return (input.outputs + cellState) * valueBytes
      + (hidden + zoned + kept + packed) * MemoryLayout<Float>.stride + records
  }
}
