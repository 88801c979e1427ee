import KernelInterface

extension RecurrentLayer {
  /// Floats per time step and row in a forward and backward pass.
  package var activationFloats: Int {
    let hidden = PackedMatrix.padded(outputSize) * (recurrentDropout > 0 ? 2 : 1)
    let cellState = hasCellState ? PackedMatrix.padded(hiddenSize) : 0
    let kept = cell.kept.reduce(0) { $0 + PackedMatrix.padded($1) }
    let records = ([input] + cell.recurrentProjections).reduce(0) { $0 + $1.recordFloats }
    // Packing the left-hand side of a weight gradient needs as much memory as that side.
    let packed = PackedMatrix.padded(max(outputSize, inputSize))
    return input.outputs + hidden + cellState + kept + records + packed
  }
}
