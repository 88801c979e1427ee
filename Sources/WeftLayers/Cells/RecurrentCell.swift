import KernelInterface
import WeftTensor

/// The computation of one time step of a recurrent layer.
///
/// Before it runs, the layer has filled the gate matrix with W x + b for all steps.
package protocol RecurrentCell: Sendable {
  /// The projections of the recurrent input h₋₁.
  var recurrentProjections: [Projection] { get }
  /// Other projections of a time step.
  var otherProjections: [Projection] { get }
  /// Whether h depends on h₋₁ both through the recurrent weights, whose input recurrent dropout masks, and directly.
  var hasDirectPath: Bool { get }

  /// Columns of the matrices that the cell saves at every position for the backward pass, in addition to gates, states
  /// and the records of projections. The layer allocates them as `RecurrentPass.kept`, in this order, and counts them
  /// in its memory estimate.
  var kept: [Int] { get }

  /// Whether the backward pass may read gates and cell states that were rounded to bfloat16, which then take half the
  /// memory. Such a cell reads them step by step, but for the right-hand sides of its gradients.
  var readsRoundedSteps: Bool { get }

  /// Packs parameters other than projections.
  func pack(_ engine: Engine, parameters: Matrix, worker: Int, workers: Int)

  /// One step forward: gates, hidden state and cell state of a segment.
  func forward(_ segment: StepSegment, _ pass: RecurrentPass, _ shard: Shard)

  /// One step backward: replaces gates by their gradients.
  ///
  /// - Parameters:
  ///   - hiddenGradient: ∂L/∂h of the segment's rows on entry; on return the part of ∂L/∂h₋₁ through the direct path,
  ///     if there is one.
  ///   - cellGradient: ∂L/∂c from later steps on entry and ∂L/∂c₋₁ on return; unused without a cell state.
  ///   - recurrentGradient: Receives ∂L/∂h₋₁ through the recurrent weights, or all of it in a cell without them. The same
  ///     memory as `hiddenGradient` if the cell has no direct path and recurrent dropout is off. Undefined where the pass
  ///     ends the gradient.
  func backward(
    _ segment: StepSegment, _ pass: RecurrentPass, hiddenGradient: Matrix, cellGradient: Matrix,
    recurrentGradient: Matrix, _ shard: Shard)

  /// The operands of the recurrent parameters' gradients after the whole backward pass, without normalization.
  func gradientGroups(_ pass: RecurrentPass, previousStates: [Int32], _ shard: Shard) -> [GradientGroup]

  /// Stores gradients that are not products with gate gradients, such as those of element-wise weights, after the whole
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
  package var readsRoundedSteps: Bool { false }
  package func pack(_ engine: Engine, parameters: Matrix, worker: Int, workers: Int) {}
  package func accumulateOther(_ pass: RecurrentPass, previousStates: [Int32], _ shard: Shard) {}
}

/// Weight gradients that are products with the same gate gradients, computed together.
package struct GradientGroup {
  /// Gradients of some gates, one row per position.
  let right: StoredRows
  /// The gates of the input projection and bias to which these gradients belong; nil if none.
  let inputGates: Range<Int>?
  /// Left-hand sides and outputs of recurrent parameters.
  let operands: [(operand: OuterOperand, outputs: [Matrix])]
  /// Columns of one gate; nil for the units of the layer.
  var width: Int?
}

/// The activations of one layer and direction over one shard.
package struct RecurrentPass {
  package let layout: SequenceLayout
  /// `[positions, gates × padded(units)]`: in turn pre-activations, activations and gradients.
  package var gates: StepValues
  /// `[rows + positions, output size]`, initial states first.
  package let hidden: Matrix
  /// `[rows + positions, units]`, initial states first; empty without a cell state.
  package var cell: StepValues
  /// What a pass has whose gates and cell states are in float32 for a few steps at a time; nil if they all are.
  var window: PassWindow?
  /// Input of the recurrent projections: the hidden states, multiplied by the mask if recurrent dropout is on.
  let recurrentInputs: Matrix
  /// Recurrent dropout `[rows, output size]`.
  let recurrentMask: Matrix?
  /// Whether the rows started from the layer's own initial state.
  let startsFromLearnedState: Bool
  /// Whether all initial states are zero, so that products with them are too.
  package var startsFromZero: Bool
  /// Whether gradients of the initial states are needed.
  var wantsInitialGradient = true
  /// Zoneout of the hidden and the cell state; nil without it.
  let zonedHidden: ZonedState?
  let zonedCell: ZonedState?
  /// Layer normalization of the input projection.
  let inputRecord: Projection.Record?
  /// Layer normalization of each recurrent projection.
  let records: [Projection.Record?]
  /// The matrices of ``RecurrentCell/kept``, `[positions, …]` each.
  let kept: [Matrix]

  /// Whether the states before a segment are zero.
  func followsZero(_ segment: StepSegment) -> Bool {
    startsFromZero && segment.previous.upperBound <= layout.rows
  }

  /// Whether the gradients of the states before a segment are not needed.
  func endsGradient(_ segment: StepSegment) -> Bool { !wantsInitialGradient && followsZero(segment) }

  /// Where a cell stores and finds h of a segment: before zoneout, if there is any.
  func newHidden(_ segment: StepSegment) -> Matrix {
    zonedHidden?.candidates.rows(segment.positions) ?? hidden.rows(segment.current)
  }

  /// Where a cell stores and finds c of a segment: before zoneout, if there is any.
  func newCell(_ segment: StepSegment) -> Matrix {
    zonedCell?.candidates.rows(segment.positions) ?? cell.rows(segment.current)
  }

  /// c of all positions, as cells store it.
  var newCells: Matrix { zonedCell?.candidates ?? cell.matrix.rows(layout.rows..<cell.matrix.rows) }

  /// The record of a recurrent projection at a segment's positions.
  func record(_ projection: Int, _ segment: StepSegment) -> Projection.Record? {
    records[projection]?.rows(segment.positions)
  }
}

/// Options of a recurrent layer.
package struct RecurrentLayerOptions: Sendable, Equatable {
  package var kind: CellType
  /// Units per gate.
  package var hiddenSize: Int
  /// Size of the hidden state, for cells that project it; nil for `hiddenSize`.
  package var projectionSize: Int?
  package var layerNormalization = false
  package var learnsInitialState = false
  package var recurrentDropout: Float = 0
  /// Rates of zoneout of the hidden and the cell state.
  package var zoneout: Float = 0
  package var cellZoneout: Float = 0
  /// Rate of DropConnect of the recurrent weights.
  package var dropConnect: Float = 0
  /// Parts of the hidden state that block-diagonal recurrent weights connect with themselves alone.
  package var heads = 1
  /// Initial forget-gate bias of an LSTM.
  package var forgetBias: Float = 1
  /// Activation of the candidate and the state; nil for the cell's own.
  package var activation: Activation?
  /// Activation of the gates.
  package var recurrentActivation = Activation.sigmoid
  /// Maximum memory span in steps, by chrono initialization in place of the forget bias; nil for the default
  /// initialization.
  package var memorySpan: Int?
  package var inputInitialization = Initialization.glorot
  package var recurrentInitialization = Initialization.orthogonal

  package init(kind: CellType, hiddenSize: Int) {
    self.kind = kind
    self.hiddenSize = hiddenSize
  }

  /// The activations of a gated cell; nil for tanh and σ.
  package var activations: CellActivations? {
    let activation = activation ?? kind.activation
    return activation == .tanh && recurrentActivation == .sigmoid
      ? nil : CellActivations(state: activation, gates: recurrentActivation)
  }

  /// Heads that divide the recurrent weights.
  var recurrentHeads: Int { kind.recurrentWeights == .blocks ? heads : 1 }

  /// Size of the hidden state.
  package var outputSize: Int { kind.outputSize(units: hiddenSize, projection: projectionSize) }
}
