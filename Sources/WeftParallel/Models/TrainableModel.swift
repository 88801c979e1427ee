import WeftData
import WeftLayers

/// A model as the trainer sees it: what one worker computes over its part of a minibatch.
///
/// The trainer cuts minibatches into shards, folds gradients, updates parameters, carries states and keeps
/// checkpoints; a model says how it runs forward and backward over one shard.
package protocol TrainableModel: ParallelModule {
  /// What the mean loss of a minibatch divides by.
  func targetCount(of batch: Minibatch, loss: Loss) -> Int

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

  /// The first activation over a shard that is not finite, on the way forward; nil where all are or the model cannot
  /// tell.
  func firstNonFinite(_ task: ShardTask, _ shard: Shard) -> NonFiniteActivation?
}

extension TrainableModel {
  package func targetCount(of batch: Minibatch, loss: Loss) -> Int { loss.targetCount(of: batch) }
  package var carriedLayers: [RecurrentLayer] { [] }
  package var tracedLayers: [TracedLayer] { [] }
  package func tracedSteps(of batch: Minibatch) -> [Int] { [] }
  package var activationBytes: Int { 0 }
  package func canBeSegmented(_ batch: Minibatch) -> Bool { false }
  package func segment(_ range: Range<Int>, of batch: Minibatch) -> Minibatch {
    preconditionFailure("the model cannot be run in segments")
  }
  package func firstNonFinite(_ task: ShardTask, _ shard: Shard) -> NonFiniteActivation? { nil }
}
