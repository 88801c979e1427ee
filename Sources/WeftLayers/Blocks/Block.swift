import KernelInterface
import WeftBase
import WeftTensor

/// One block of a model: computes features of every position from those of the block below.
///
/// A block may also shorten the sequences; the blocks above it then run over its ``BlockPass/shard``.
package protocol Block: Sendable {
  /// Features per position.
  var outputSize: Int { get }
  /// The recurrent blocks in this one, from the input up.
  var recurrent: [RecurrentBlock] { get }
  /// The batch normalizations in this block, from the input up.
  var batchNormalizations: [BatchNormalizationBlock] { get }
  /// Offset of the first parameter in the flat array; nil without parameters.
  var firstParameter: Int? { get }
  /// Bytes per position that a forward and backward pass keep.
  var activationBytes: Int { get }
  /// Bytes of the weights that one time step reads.
  var stepWeightBytes: Int { get }
  /// Whether `backward` may store the gradient of the inputs over that of the outputs.
  var canOverwriteGradient: Bool { get }
  /// Whether the output of a step depends on nothing but the step's input and the states of recurrent layers.
  var canBeStepped: Bool { get }
  /// Whether sequences can be processed in segments that recurrent states connect.
  var canBeSegmented: Bool { get }

  /// Time steps of the output of a sequence with so many steps, at least 1.
  func outputLength(_ length: Int) -> Int

  /// Packs worker `worker`'s share of all weights.
  func pack(_ engine: Engine, parameters: Matrix, worker: Int, workers: Int)

  /// - Parameters:
  ///   - input: Features of every position, or tokens if the block has token tables.
  ///   - initial: Initial states of all recurrent layers of the model; nil for the layers' own.
  func forward(_ input: Steps<Matrix>, initial: RecurrentState?, _ shard: Shard) -> BlockPass

  /// Computes the gradients of the parameters.
  ///
  /// - Parameters:
  ///   - gradient: ∂L/∂output `[positions, outputSize]`; overwritten.
  ///   - inputGradient: Receives ∂L/∂input, if not nil.
  ///   - states: Gradients of states, in and out.
  ///   - shard: The shard that `forward` ran over.
  func backward(
    _ pass: BlockPass, _ gradient: Matrix, into inputGradient: Matrix?, _ states: StateGradients,
    _ shard: Shard)

  /// The output of a single time step of a single row, `[1, outputSize]`.
  ///
  /// - Precondition: `canBeStepped`.
  func step(_ input: Steps<Matrix>, _ steps: SingleSteps) -> Matrix
}

extension Block {
  package var recurrent: [RecurrentBlock] { [] }
  package var batchNormalizations: [BatchNormalizationBlock] { [] }
  package var firstParameter: Int? { nil }
  package var stepWeightBytes: Int { 0 }
  package var canOverwriteGradient: Bool { true }
  package var canBeStepped: Bool { true }
  package var canBeSegmented: Bool { true }
  package func outputLength(_ length: Int) -> Int { length }
  package func pack(_ engine: Engine, parameters: Matrix, worker: Int, workers: Int) {}

  package func step(_ input: Steps<Matrix>, _ steps: SingleSteps) -> Matrix {
    forward(input, initial: nil, steps.scratch).output
  }
}

/// The activations of one block over one shard.
package struct BlockPass {
  /// What `forward` read.
  let input: Steps<Matrix>
  /// `[positions, outputSize]`.
  package let output: Matrix
  /// The rows with the time steps of the output.
  package let shard: Shard
  /// Matrices that the block saves for the backward pass, in an order of its own.
  var kept: [Matrix] = []
  /// Of a recurrent block: a pass per direction.
  var layers: [RecurrentPass] = []
  /// Passes of the blocks inside this one.
  var parts: [BlockPass] = []

  /// Passes of the recurrent blocks, from the input up.
  package var recurrent: [[RecurrentPass]] {
    (layers.isEmpty ? [] : [layers]) + parts.flatMap(\.recurrent)
  }

  /// The input of a block that reads features.
  var features: Matrix {
    guard case .features(let features) = input else { preconditionFailure("the block reads features") }
    return features
  }
}

/// Gradients of the states of all recurrent layers of a model.
package struct StateGradients {
  /// ∂L/∂(final states) of the minibatch's rows; nil for zero.
  var final: RecurrentState?
  /// The same for the shard's rows, layer by layer.
  var shardFinal: [ShardState]?
  /// Receives ∂L/∂(initial states), if not nil.
  var initial: RecurrentState?
  /// `[1, positions]` per layer, receive ‖∂L/∂h_t‖²; may be empty.
  var norms: [Matrix] = []
}

/// Memory of a model that is run one time step after the other, over one row.
package struct SingleSteps {
  /// A pass for each recurrent layer, which carries its state.
  package let passes: [RecurrentPass]
  /// The single time step.
  package let segment: StepSegment
  /// The row, with the memory of the passes.
  package let shard: Shard
  /// The same row with memory that is reset after each step.
  package let scratch: Shard

  package init(passes: [RecurrentPass], segment: StepSegment, shard: Shard, scratch: Shard) {
    self.passes = passes
    self.segment = segment
    self.shard = shard
    self.scratch = scratch
  }
}
