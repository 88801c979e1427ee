import KernelInterface
import WeftData

extension SequenceModel {
  /// Bytes per time step and row in a forward and backward pass.
  package var activationBytes: Int {
    let states = 4 * VectorWidth.padded(stack.outputSize) * MemoryLayout<Float>.stride
    return stack.activationBytes + states + output.activationBytes
  }

  /// Whether a minibatch can be processed in segments: backward layers, convolutions, means, alignments and
  /// conditional random fields need the whole sequence, and for targets per sequence only classes can be marked as ignored.
  package func canBeSegmented(_ batch: Minibatch) -> Bool {
    guard stack.canBeSegmented, randomField == nil else { return false }
    switch batch.targets {
    case nil, .sequences: return false
    case .classes: return true
    case .values: return hasOutputPerStep
    }
  }
}
