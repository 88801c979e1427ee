import KernelInterface
import WeftData
import WeftLayers

/// What a model is to do with its part of a minibatch.
package struct ShardTask: Sendable {
  package let batch: Minibatch
  /// Nil where only the states after the minibatch are wanted.
  package var loss: Loss?
  /// What gradients are multiplied by: 1 / (targets of the whole minibatch).
  package var scale: Float = 0
  /// States before the first step, of the carried layers; nil means the model's own.
  package var initial: RecurrentState?
  /// Receive the states after each row's last step.
  package var finals: [RecurrentState] = []
  /// ∂L/∂(states after the last step); nil means zero.
  package var finalGradient: RecurrentState?
  /// Receives ∂L/∂(states before the first step).
  package var initialGradient: RecurrentState?
  /// Collects ‖∂L/∂h_t‖ of the traced layers.
  package var norms: GradientNorms?
}

/// What one worker found, lane by lane.
package struct ShardResult: Sendable {
  package struct Lane: Sendable, BitwiseCopyable {
    /// Sum of the losses of the lane's targets.
    package var loss = 0.0
    /// Targets whose class was the greatest output.
    package var correct = 0.0
  }
  package var lanes: [Lane]

  package init(lanes: [Lane]) { self.lanes = lanes }

  /// Sums what was found for each output in the order of each lane.
  ///
  /// - Parameters:
  ///   - losses: `[1, outputs]`.
  ///   - correct: `[1, outputs]`; nil where outputs are no classes.
  ///   - index: The outputs of each lane.
  package init(losses: Matrix, correct: Matrix?, index: LaneIndex) {
    lanes = (0..<index.lanes).map { lane in
      index.rows[index.starts[lane]..<index.starts[lane + 1]].reduce(into: Lane()) { sum, output in
        sum.loss += Double(losses[0, Int(output)])
        if let correct { sum.correct += Double(correct[0, Int(output)]) }
      }
    }
  }
}
