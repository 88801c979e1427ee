import WeftData
import WeftLayers

/// A model that can be trained: its forward and backward pass over one shard.
///
/// The trainer divides minibatches into shards, reduces gradients, updates parameters, carries states and writes
/// checkpoints.
package protocol TrainableModel: ParallelModule {
  /// The divisor of a minibatch's mean loss.
  func targetCount(of batch: Minibatch, loss: Loss) -> Int

  /// Computes losses over a shard by lane, and the gradients of all parameters if the shard needs them.
  func run(_ task: ShardTask, _ shard: Shard) -> ShardResult

  /// Layers whose states can be carried between minibatches.
  var carriedLayers: [RecurrentLayer] { get }

  /// Layers whose gradient flow can be recorded.
  var tracedLayers: [TracedLayer] { get }
  /// Time steps of each traced layer in a minibatch.
  func tracedSteps(of batch: Minibatch) -> [Int]

  /// Bytes per time step and row in a forward and backward pass.
  var activationBytes: Int { get }
  /// Whether a minibatch's loss can be computed segment by segment.
  func canBeSegmented(_ batch: Minibatch) -> Bool
  /// The part of a minibatch in some time steps; only for minibatches that can be segmented.
  func segment(_ range: Range<Int>, of batch: Minibatch) -> Minibatch

  /// The first non-finite activation of a forward pass over a shard; nil if all are finite or the model does not
  /// support the search.
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
    preconditionFailure("the model cannot be segmented")
  }
  package func firstNonFinite(_ task: ShardTask, _ shard: Shard) -> NonFiniteActivation? { nil }
}
