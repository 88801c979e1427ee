import KernelInterface
import WeftBase
import WeftLayers
import WeftModels

/// A network independent of file formats: inputs, layers with weights in Weft's layout, and outputs.
package struct NetworkDescription: Sendable, Equatable {
  /// Tokens, or the features of a step.
  package var input: StepKind
  /// One row per token `[vocabulary, features]`; nil for features or one-hot tokens.
  package var embedding: WeightMatrix?
  /// Blocks from the input up.
  package var blocks: [NetworkBlock]
  /// y = W h + b; nil if the states are the outputs.
  package var output: DenseWeights?
  /// Activation after the output layer; Weft's networks give the values before it.
  package var activation = OutputActivation.none

  package init(
    input: StepKind, embedding: WeightMatrix? = nil, blocks: [NetworkBlock], output: DenseWeights?
  ) {
    self.input = input
    self.embedding = embedding
    self.blocks = blocks
    self.output = output
  }

  /// Recurrent layers that stand on one another, with an output at every step or at the last.
  package init(
    input: StepKind, embedding: WeightMatrix? = nil, levels: [[RecurrentWeights]], outputSteps: OutputSteps,
    output: DenseWeights?
  ) {
    self.init(
      input: input, embedding: embedding,
      blocks: levels.map { .recurrent(RecurrentLevel($0)) }
        + (outputSteps == .lastStep ? [.pool(.last)] : []),
      output: output)
  }

  /// Activation that converts outputs into probabilities.
  package enum OutputActivation: String, Sendable {
    case none, softmax, sigmoid
  }

  /// The layers of each recurrent block, from the input up.
  package var levels: [[RecurrentWeights]] {
    blocks.compactMap(\.recurrentLevel?.layers)
  }

  /// Whether there is an output at each step, or only one for each sequence.
  package var outputSteps: OutputSteps {
    switch blocks.compactMap(\.configuration.pool).first {
    case nil: .everyStep
    case .mean: .mean
    case .attention: .attention
    default: .lastStep
    }
  }

  /// Whether the blocks are equal recurrent layers, with an output at every step or at the last.
  package var hasEqualLayers: Bool {
    let layers = blocks.last == .pool(.last) ? blocks.dropLast() : blocks[...]
    guard case .recurrent(let first) = layers.first, first.merge == .concatenate, !first.isBackward,
      first.layers.allSatisfy({ $0.activation == .tanh && $0.recurrentActivation == .sigmoid })
    else {
      return false
    }
    let block = layers.first?.configuration
    return layers.allSatisfy { $0.configuration == block }
  }

  package var isBidirectional: Bool { (levels.first?.count ?? 0) > 1 }
  /// Features of the inputs of the first block.
  package var blockInputs: Int { embedding?.columns ?? input.size }
  /// Features that the output layer reads.
  package var stateSize: Int {
    BlockConfiguration.size(of: blocks.map(\.configuration), inputs: blockInputs).outputs
  }
  package var outputSize: Int { output?.weights.columns ?? stateSize }

  /// One row per token: the embedding, or the identity for one-hot inputs; nil for features.
  package var tokenRows: WeightMatrix? {
    guard case .tokens(let vocabulary) = input else { return nil }
    return embedding ?? .identity(vocabulary)
  }
}

/// A recurrent layer in one direction: gates side by side in the order of ``CellType/gates``.
package struct RecurrentWeights: Sendable, Equatable {
  package var cell: CellType
  /// Of the candidate and the state, for cells that allow others.
  package var activation = Activation.tanh
  /// Of the gates.
  package var recurrentActivation = Activation.sigmoid
  /// `[inputs, gates · units]`.
  package var input: WeightMatrix
  /// `[hidden, gates · units]`.
  package var recurrent: WeightMatrix
  /// `[gates · units]`.
  package var bias: [Float]
  /// Biases of the recurrent product of the gates that have one of their own, ``CellType/recurrentBiasGates``.
  package var recurrentBias: [Float]
  /// Cell-specific parameters by their names in checkpoints.
  package var others: [String: WeightMatrix] = [:]
  /// The state before the first step `[hidden]`; nil for zeros.
  package var initialHidden: [Float]?
  /// The initial cell state `[units]`.
  package var initialCell: [Float]?

  /// Units of a gate.
  package var units: Int { recurrent.columns / cell.gateCount }
  /// Size of the hidden state.
  package var hidden: Int { recurrent.rows }
  package var inputs: Int { input.rows }

  package init(
    cell: CellType, input: WeightMatrix, recurrent: WeightMatrix, bias: [Float], recurrentBias: [Float] = []
  ) {
    self.cell = cell
    self.input = input
    self.recurrent = recurrent
    self.bias = bias
    self.recurrentBias = recurrentBias
  }

  /// A layer of a program that has a bias of the inputs and one of the recurrent product, both already in Weft's
  /// order `[gates · units]`; nil where it has none.
  package init(
    cell: CellType, input: WeightMatrix, recurrent: WeightMatrix, inputBias: [Float]?, recurrentBias: [Float]?
  ) {
    let zeros = [Float](repeating: 0, count: input.columns)
    let (inputBias, second) = (inputBias ?? zeros, recurrentBias ?? zeros)
    // A bias inside a product that is multiplied by another gate cannot join the other.
    let apart = input.columns / cell.gateCount * cell.recurrentBiasGates.count
    let shared = input.columns - apart
    self.init(
      cell: cell, input: input, recurrent: recurrent,
      bias: zip(inputBias, second[..<shared] + zeros[shared...]).map { $0 + $1 },
      recurrentBias: Array(second[shared...]))
  }

  /// The recurrent product's bias `[gates · units]` for programs that have one: zero but for the gates' that have their
  /// own.
  package var wholeRecurrentBias: [Float] {
    [Float](repeating: 0, count: bias.count - recurrentBias.count) + recurrentBias
  }
}

/// y = x W + b.
package struct DenseWeights: Sendable, Equatable {
  /// `[inputs, outputs]`.
  package var weights: WeightMatrix
  /// `[outputs]`.
  package var bias: [Float]

  package init(weights: WeightMatrix, bias: [Float]) {
    self.weights = weights
    self.bias = bias
  }
}
