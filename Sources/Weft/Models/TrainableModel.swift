import KernelInterface

/// A model as the trainer sees it: what one worker computes over its part of a minibatch.
///
/// The trainer cuts minibatches into shards, folds gradients, updates parameters, carries states and keeps
/// checkpoints; a model says how it runs forward and backward over one shard.
package protocol TrainableModel: LaneTrainable {
  /// What the data demand of the model.
  var shape: ModelShape { get }

  /// What the mean loss of a minibatch divides by.
  func targetCount(of batch: Minibatch) -> Int

  /// Losses over a shard, lane by lane, and where the shard wants gradients those of all parameters.
  func run(_ task: ShardTask, _ shard: Shard) -> ShardResult

  /// Layers whose states pass from minibatch to minibatch where the configuration wants that.
  var carriedLayers: [RecurrentLayer] { get }

  /// The layers whose flow of gradients can be recorded.
  var tracedLayers: [TracedLayer] { get }
  /// Time steps of each of them in a minibatch.
  func tracedSteps(of batch: Minibatch) -> [Int]

  /// Bytes that the forward and backward pass of one time step of one row take.
  var activationBytes: Int { get }
  /// Whether a minibatch's loss can be computed segment by segment.
  func canBeSegmented(_ batch: Minibatch) -> Bool
  /// The part of a minibatch that lies in some time steps; only of minibatches that can be segmented.
  func segment(_ range: Range<Int>, of batch: Minibatch) -> Minibatch
}

/// A layer whose flow of gradients is recorded.
package struct TracedLayer: Sendable {
  package let name: String
  /// Gradients flow against it.
  package let direction: Direction
}

extension TrainableModel {
  package func targetCount(of batch: Minibatch) -> Int { batch.targetCount }
  package var carriedLayers: [RecurrentLayer] { [] }
  package var tracedLayers: [TracedLayer] { [] }
  package func tracedSteps(of batch: Minibatch) -> [Int] { [] }
  package var activationBytes: Int { 0 }
  package func canBeSegmented(_ batch: Minibatch) -> Bool { false }
  package func segment(_ range: Range<Int>, of batch: Minibatch) -> Minibatch {
    preconditionFailure("the model cannot be run in segments")
  }
}

extension LaneTrainable {
  /// The first values of all parameters, flat `[1, layout.count]`.
  package func initialParameters(seed: UInt64) -> Tensor {
    let flat = Tensor(rows: 1, columns: layout.count)
    for parameter in layout.parameters {
      let key = RandomKey(seed: seed, purpose: RandomPurpose.initialization(parameter.name), step: 0)
      parameter.matrix(in: flat.matrix).assign(
        parameter.initialization.values(rows: parameter.rows, columns: parameter.columns, key: key))
    }
    return flat
  }
}

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
