import KernelInterface

extension RecurrentLayer {
  /// Floats that a forward and backward pass hold for one time step of one row.
  package var activationFloats: Int {
    let hidden = PackedMatrix.padded(outputSize) * (recurrentDropout > 0 ? 2 : 1)
    let cellState = hasCellState ? PackedMatrix.padded(hiddenSize) : 0
    let kept = cell.kept.reduce(0) { $0 + PackedMatrix.padded($1) }
    let records = ([input] + cell.recurrentProjections).reduce(0) { $0 + $1.recordFloats }
    // Packing a weight gradient's left-hand side takes as much as that side.
    let packed = PackedMatrix.padded(max(outputSize, inputSize))
    return input.outputs + hidden + cellState + kept + records + packed
  }
}
