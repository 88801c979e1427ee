import KernelInterface
import WeftData

extension SequenceModel {
  /// Bytes per time step and row in a forward and backward pass.
  package var activationBytes: Int {
    // Inputs of each level and their gradient, with copies and masks for dropout.
    let inputs = stack.levels.reduce(0) { $0 + 4 * VectorWidth.padded($1[0].inputSize) }
    let pooled = pooling.map { 2 * VectorWidth.padded($0.size) + 2 * VectorWidth.padded(1) } ?? 0
    let outputs = 4 * VectorWidth.padded(stack.outputSize) + 2 * VectorWidth.padded(shape.outputs)
    return stack.layers.reduce(0) { $0 + $1.activationBytes }
      + (inputs + pooled + outputs) * MemoryLayout<Float>.stride
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
