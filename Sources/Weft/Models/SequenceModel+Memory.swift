import KernelInterface

extension SequenceModel {
  /// Bytes that the forward and backward pass of one time step of one row take.
  package var activationBytes: Int {
    let floats = stack.levels.reduce(0) { sum, level in
      sum
        + level.reduce(0) { $0 + $1.activationFloats }
        // What the level reads and its gradient, and dropout's copies and masks of it.
        + 4 * PackedMatrix.padded(level[0].inputSize)
    }
    let pooled = pooling.map { 2 * PackedMatrix.padded($0.size) + 2 * PackedMatrix.panelWidth } ?? 0
    return 4
      * (pooled + floats + 4 * PackedMatrix.padded(stack.outputSize) + 2 * PackedMatrix.padded(shape.outputs))
  }

  /// Whether a minibatch's loss can be computed segment by segment: a backward layer, a mean and an alignment need
  /// the whole sequence, and of targets for whole sequences only classes can be marked as not counting.
  package func canBeSegmented(_ batch: Minibatch) -> Bool {
    if stack.isBidirectional { return false }
    switch (outputSteps, batch.targets) {
    case (_, nil), (.mean, _), (.attention, _): return false
    case (.everyStep, _), (.lastStep, .classes): return true
    case (.lastStep, .values): return false
    }
  }
}

extension RecurrentLayer {
  /// Numbers kept for one time step of one row.
  var activationFloats: Int {
    let hidden = PackedMatrix.padded(hiddenSize)
    let gates = input.outputs
    let states = (hasCellState ? 2 : 1) + (recurrentDropout > 0 ? 1 : 0)
    let cellMemory = cell.hasDirectPath ? 1 : 0
    let records = input.gain == nil ? 0 : 4 * gates + 3 * hidden
    // Packing a weight gradient's left-hand side takes as much as that side.
    return gates + (states + cellMemory) * hidden + records + max(hidden, PackedMatrix.padded(inputSize))
  }
}
