/// What a pass over one minibatch found.
package struct PassResult: Sendable {
  /// Sum of the losses of all targets.
  package var loss = 0.0
  /// Targets whose class was the greatest output.
  package var correct = 0.0
  /// What the mean loss divides by.
  package var targets = 0
  /// ‖∂L/∂h_t‖ of each layer and time step; empty unless asked for.
  package var gradientNorms: [[Float]] = []

  package init() {}

  /// Adds what was found in another minibatch; norms stay.
  package mutating func add(_ other: PassResult) {
    loss += other.loss
    correct += other.correct
    targets += other.targets
  }

  package var meanLoss: Double { loss / Double(max(targets, 1)) }
  package var accuracy: Double { correct / Double(max(targets, 1)) }
}
