import KernelInterface

/// The part of a recurrent layer that differs from cell to cell: what happens in one time step.
///
/// The layer has filled the gate matrix with the input's part of the pre-activations (and the bias) for all steps.
package protocol RecurrentCell: Sendable {
  /// Gates computed at each step, side by side in the gate matrix.
  var gates: Int { get }
  /// The projections of the recurrent input h₋₁.
  var recurrentProjections: [Projection] { get }
  /// Whether h depends on h₋₁ other than through the recurrent projections.
  var hasDirectPath: Bool { get }
  /// Whether the cell has a cell state beside the hidden state.
  var hasCellState: Bool { get }

  /// Packs parameters other than the projections.
  func pack(_ kernels: any KernelSet.Type, parameters: Matrix)

  /// Memory that the cell keeps from the forward to the backward pass.
  func makeMemory(positions: Int, arena: Arena) -> CellMemory

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

  /// What the recurrent parameters get their gradients from after the whole backward pass, without normalisation.
  func gradientGroups(_ pass: RecurrentPass, previousStates: [Int32], _ shard: Shard) -> [GradientGroup]

  /// Stores the gradients of the recurrent parameters after the whole backward pass, with normalisation.
  func accumulateNormalized(_ pass: RecurrentPass, previousStates: [Int32], _ shard: Shard)
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

/// What cells keep beside gates and states, a row a position. Which fields are present depends on the cell.
package struct CellMemory {
  /// GRU reset-before: r∘h₋₁.
  var resetHidden: Matrix?
  /// GRU reset-after: U h₋₁ + b′ of the candidate, and its gradient after the backward pass.
  var recurrentCandidate: Matrix?
  /// Layer normalisation of the recurrent projections.
  var projectionRecords: [Projection.Record?] = []
  /// Layer normalisation of the LSTM's cell state.
  var normalizedCell: NormalizedCell?

  struct NormalizedCell {
    let normalized: Matrix
    let deviations: Matrix
    let output: Matrix
    let outputGradient: Matrix
  }
}

/// The activations of one layer and direction over one minibatch's part.
package struct RecurrentPass {
  let layout: SequenceLayout
  /// `[positions, gates × padded(hidden)]`: pre-activations, activations, gradients, one after the other.
  let gates: Matrix
  /// `[rows + positions, hidden]`, initial states first.
  let hidden: Matrix
  /// Like `hidden`; empty without a cell state.
  let cell: Matrix
  /// What the recurrent projections read: the hidden states, or those times a dropout mask.
  let recurrentInputs: Matrix
  /// Recurrent dropout `[rows, hidden]`.
  let recurrentMask: Matrix?
  /// Whether the rows began in the layer's own initial state.
  let startsFromLearnedState: Bool
  /// Whether all initial states are zero, so that products with them are too.
  var startsFromZero: Bool
  /// Whether somebody asks for the gradients of the initial states.
  var wantsInitialGradient = true
  /// Layer normalisation of the input projection.
  let inputRecord: Projection.Record?
  let memory: CellMemory

  /// Whether the states before a segment are zero.
  func followsZero(_ segment: StepSegment) -> Bool {
    startsFromZero && segment.previous.upperBound <= layout.rows
  }

  /// Whether the gradients of the states before a segment are of no use.
  func endsGradient(_ segment: StepSegment) -> Bool { !wantsInitialGradient && followsZero(segment) }
}
