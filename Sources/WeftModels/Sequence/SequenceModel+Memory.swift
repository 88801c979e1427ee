import KernelInterface
import WeftData

extension SequenceModel {
  /// Bytes per time step and row in a forward and backward pass.
  package var activationBytes: Int {
    let floats = stack.levels.reduce(0) { sum, level in
      sum
        + level.reduce(0) { $0 + $1.activationFloats }
        // Inputs of the level and their gradient, with copies and masks for dropout.
        + 4 * PackedMatrix.padded(level[0].inputSize)
    }
    let pooled = pooling.map { 2 * PackedMatrix.padded($0.size) + 2 * PackedMatrix.panelWidth } ?? 0
    return 4
      * (pooled + floats + 4 * PackedMatrix.padded(stack.outputSize) + 2 * PackedMatrix.padded(shape.outputs))
  }

  /// Whether a minibatch can be processed in segments: backward layers, means and alignments need the whole sequence,
  /// and for targets per sequence only classes can be marked as ignored.
  package func canBeSegmented(_ batch: Minibatch) -> Bool {
    if stack.isBidirectional { return false }
    switch (outputSteps, batch.targets) {
    case (_, nil), (_, .sequences), (.mean, _), (.attention, _): return false
    case (.everyStep, _), (.lastStep, .classes): return true
    case (.lastStep, .values): return false
    }
  }
}
