import KernelInterface
import WeftData

extension SequenceModel {
  /// Bytes per time step and row in a forward and backward pass.
  package var activationBytes: Int {
    let outputs = 4 * VectorWidth.padded(stack.outputSize) + 2 * VectorWidth.padded(shape.outputs)
    return stack.activationBytes + outputs * MemoryLayout<Float>.stride
  }

  /// Whether a minibatch can be processed in segments: backward layers, convolutions, means and alignments need
  /// the whole sequence, and for targets per sequence only classes can be marked as ignored.
  package func canBeSegmented(_ batch: Minibatch) -> Bool {
    guard stack.canBeSegmented else { return false }
    switch batch.targets {
    case nil, .sequences: return false
    case .classes: return true
    case .values: return hasOutputPerStep
    }
  }
}
