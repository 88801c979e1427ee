import KernelInterface
import WeftData

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
    case (_, nil), (_, .sequences), (.mean, _), (.attention, _): return false
    case (.everyStep, _), (.lastStep, .classes): return true
    case (.lastStep, .values): return false
    }
  }
}
