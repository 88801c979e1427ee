import KernelInterface
import WeftData

extension SequenceModel {
  /// Bytes that the forward and backward pass of one time step of one row take.
  package var activationBytes: Int {
    // What each level reads and its gradient, and dropout's copies and masks of it.
    let inputs = stack.levels.reduce(0) { $0 + 4 * VectorWidth.padded($1[0].inputSize) }
    let pooled = pooling.map { 2 * VectorWidth.padded($0.size) + 2 * VectorWidth.padded(1) } ?? 0
    let outputs = 4 * VectorWidth.padded(stack.outputSize) + 2 * VectorWidth.padded(shape.outputs)
    return stack.layers.reduce(0) { $0 + $1.activationBytes }
      + (inputs + pooled + outputs) * MemoryLayout<Float>.stride
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
