/// Losses and metrics of a pass over minibatches.
package struct PassResult: Sendable {
  /// Sum of the losses of all targets.
  package var loss = 0.0
  /// Number of targets whose class was the argmax of the output.
  package var correct = 0.0
  /// Divisor of the mean loss.
  package var targets = 0
  /// ‖∂L/∂h_t‖ per layer and time step; empty unless requested.
  package var gradientNorms: [[Float]] = []

  package init() {}

  /// Adds the result of another minibatch, except for norms.
  package mutating func add(_ other: PassResult) {
    loss += other.loss
    correct += other.correct
    targets += other.targets
  }

  package var meanLoss: Double { loss / Double(max(targets, 1)) }
  package var accuracy: Double { correct / Double(max(targets, 1)) }
}
