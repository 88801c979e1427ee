import KernelInterface
import WeftData
import WeftLayers
import WeftTensor

/// The work of a model on one shard.
package struct ShardTask: Sendable {
  package let batch: Minibatch
  /// Nil if only the final states are needed.
  package var loss: Loss?
  /// Factor of the gradients: 1 / (targets of the whole minibatch).
  package var scale: Float = 0
  /// Initial states of the carried layers; nil for the model's own.
  package var initial: RecurrentState?
  /// Receive the final states of each row.
  package var finals: [RecurrentState] = []
  /// ∂L/∂(final states); nil for zero.
  package var finalGradient: RecurrentState?
  /// Receives ∂L/∂(initial states).
  package var initialGradient: RecurrentState?
  /// Receives the outputs of the model, row by row of the minibatch, if there are no gradients.
  package var outputs: Tensor?
  /// Collects ‖∂L/∂h_t‖ of the traced layers.
  package var norms: GradientNorms?
}

/// Losses and metrics of one worker, by lane.
package struct ShardResult: Sendable {
  package struct Lane: Sendable, BitwiseCopyable {
    /// Sum of the losses of the lane's targets.
    package var loss = 0.0
    /// Number of targets whose class was the argmax of the output.
    package var correct = 0.0
  }
  package var lanes: [Lane]

  package init(lanes: [Lane]) { self.lanes = lanes }

  /// Sums the values of outputs in the order of each lane.
  ///
  /// - Parameters:
  ///   - losses: `[1, outputs]`.
  ///   - correct: `[1, outputs]`; nil if outputs are not classes.
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
