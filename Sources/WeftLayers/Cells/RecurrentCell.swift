import KernelInterface
import WeftTensor

/// The part of a recurrent layer that differs from cell to cell: what happens in one time step.
///
/// The layer has filled the gate matrix with the input's part of the pre-activations (and the bias) for all steps.
package protocol RecurrentCell: Sendable {
  /// The projections of the recurrent input h₋₁.
  var recurrentProjections: [Projection] { get }
  /// Other projections of a time step.
  var otherProjections: [Projection] { get }
  /// Whether h depends on h₋₁ other than through the recurrent projections.
  var hasDirectPath: Bool { get }

  /// Columns of the matrices that the cell keeps for every position from the forward to the backward pass, beside gates,
  /// states and the projections' records. The layer provides them as `RecurrentPass.kept`, in this order, and adds
  /// them up for the memory that a pass takes.
  var kept: [Int] { get }

  /// Packs parameters other than projections.
  func pack(_ engine: Engine, parameters: Matrix, worker: Int, workers: Int)

  /// One step forward: gates, hidden state and cell state of a segment.
  func forward(_ segment: StepSegment, _ pass: RecurrentPass, _ shard: Shard)

  /// One step backward: turns gates into gradients.
  ///
  /// - Parameters:
  ///   - hiddenGradient: ∂L/∂h of the segment's rows on entry; on return its direct part to h₋₁, if there is one.
  ///   - cellGradient: ∂L/∂c from later steps on entry and ∂L/∂c₋₁ on return; unused without a cell state.
  ///   - recurrentGradient: Receives ∂L/∂h₋₁ through the recurrent projections. The same memory as
  ///     `hiddenGradient` where the cell has no direct path and recurrent dropout is off. Undefined where the pass
  ///     ends the gradient.
  func backward(
    _ segment: StepSegment, _ pass: RecurrentPass, hiddenGradient: Matrix, cellGradient: Matrix,
    recurrentGradient: Matrix, _ shard: Shard)

  /// The sources of the recurrent parameters' gradients after the whole backward pass, without normalization.
  func gradientGroups(_ pass: RecurrentPass, previousStates: [Int32], _ shard: Shard) -> [GradientGroup]

  /// Stores gradients that are no products with gates' gradients, such as those of element-wise weights, after the whole
  /// backward pass.
  func accumulateOther(_ pass: RecurrentPass, previousStates: [Int32], _ shard: Shard)

  /// Stores the gradients of the recurrent parameters after the whole backward pass, with normalization.
  func accumulateNormalized(_ pass: RecurrentPass, previousStates: [Int32], _ shard: Shard)
}

extension RecurrentCell {
  package var otherProjections: [Projection] { [] }
  /// All projections of a time step but that of the inputs.
  package var projections: [Projection] { recurrentProjections + otherProjections }
  package var kept: [Int] { [] }
  package func pack(_ engine: Engine, parameters: Matrix, worker: Int, workers: Int) {}
  package func accumulateOther(_ pass: RecurrentPass, previousStates: [Int32], _ shard: Shard) {}
}

/// Weight gradients that are products with the same gates' gradients, and so are formed together.
package struct GradientGroup {
  /// Gradients of some gates, a row a position.
  let right: Matrix
  /// The gates of the input projection and its bias that these are the gradients of; nil if of none.
  let inputGates: Range<Int>?
  /// Of recurrent parameters.
  let operands: [(operand: OuterOperand, outputs: [Matrix])]
}

/// The activations of one layer and direction over one minibatch's part.
package struct RecurrentPass {
  package let layout: SequenceLayout
  /// `[positions, gates × padded(units)]`: pre-activations, activations, gradients, one after the other.
  package let gates: Matrix
  /// `[rows + positions, output size]`, initial states first.
  package let hidden: Matrix
  /// `[rows + positions, units]`; empty without a cell state.
  package let cell: Matrix
  /// What the recurrent projections read: the hidden states, or those times a dropout mask.
  let recurrentInputs: Matrix
  /// Recurrent dropout `[rows, output size]`.
  let recurrentMask: Matrix?
  /// Whether the rows began in the layer's own initial state.
  let startsFromLearnedState: Bool
  /// Whether all initial states are zero, so that products with them are too.
  package var startsFromZero: Bool
  /// Whether the gradients of the initial states are wanted.
  var wantsInitialGradient = true
  /// Layer normalization of the input projection.
  let inputRecord: Projection.Record?
  /// Layer normalization of each recurrent projection.
  let records: [Projection.Record?]
  /// What the cell keeps, `[positions, …]` each, as its ``RecurrentCell/kept`` lists them.
  let kept: [Matrix]

  /// Whether the states before a segment are zero.
  func followsZero(_ segment: StepSegment) -> Bool {
    startsFromZero && segment.previous.upperBound <= layout.rows
  }

  /// Whether the gradients of the states before a segment are of no use.
  func endsGradient(_ segment: StepSegment) -> Bool { !wantsInitialGradient && followsZero(segment) }

  /// The record of a recurrent projection at a segment's positions.
  func record(_ projection: Int, _ segment: StepSegment) -> Projection.Record? {
    records[projection]?.rows(segment.positions)
  }
}

/// What a recurrent layer is made from.
package struct RecurrentLayerOptions: Sendable, Equatable {
  package var kind: CellType
  /// Units of a gate.
  package var hiddenSize: Int
  /// Units of the hidden state of cells that project it; nil for those of a gate.
  package var projectionSize: Int?
  package var layerNormalization = false
  package var learnsInitialState = false
  package var recurrentDropout: Float = 0
  /// Initial value of an LSTM's forget-gate bias.
  package var forgetBias: Float = 1
  /// The maximum number of steps that gated cells are set to remember, in place of the forget bias; nil for the usual
  /// initial values.
  package var memorySpan: Int?
  package var inputInitialization = Initialization.glorot
  package var recurrentInitialization = Initialization.orthogonal

  package init(kind: CellType, hiddenSize: Int) {
    self.kind = kind
    self.hiddenSize = hiddenSize
  }

  /// Units of the hidden state.
  package var outputSize: Int { kind.hasProjection ? projectionSize ?? hiddenSize : hiddenSize }
}
