import KernelInterface

extension RecurrentLayer {
  /// Bytes that a forward and backward pass hold for one time step of one row.
  package var activationBytes: Int {
    let hidden = VectorWidth.padded(outputSize) * (recurrentDropout > 0 ? 2 : 1)
    let cellState = hasCellState ? VectorWidth.padded(hiddenSize) : 0
    let kept = cell.kept.reduce(0) { $0 + VectorWidth.padded($1) }
    let records = ([input] + cell.recurrentProjections).reduce(0) { $0 + $1.recordBytes }
    // Packing a weight gradient's left-hand side takes at most as much as that side.
    let packed = VectorWidth.padded(max(outputSize, inputSize))
    return (input.outputs + hidden + cellState + kept + packed) * MemoryLayout<Float>.stride + records
  }
}
