import Weft

/// A network apart from any format: what it reads, its layers with their weights as Weft has them, what it gives.
package struct NetworkDescription: Sendable, Equatable {
  /// Tokens, or the features of a step.
  package var input: ModelInput
  /// A row a token `[vocabulary, features]`; nil where features come in, or tokens one-hot.
  package var embedding: WeightMatrix?
  /// From the input up; a level holds its forward and, if bidirectional, its backward layer.
  package var levels: [[RecurrentWeights]]
  /// Whether there is an output of each step, or of the last one.
  package var outputSteps: OutputSteps
  /// y = W h + b; nil where the states themselves are the outputs.
  package var output: DenseWeights?
  /// What follows the output layer; Weft's own networks give numbers before it.
  package var activation = OutputActivation.none

  package init(
    input: ModelInput, embedding: WeightMatrix? = nil, levels: [[RecurrentWeights]], outputSteps: OutputSteps,
    output: DenseWeights?
  ) {
    self.input = input
    self.embedding = embedding
    self.levels = levels
    self.outputSteps = outputSteps
    self.output = output
  }

  /// What makes probabilities of the output layer's numbers.
  package enum OutputActivation: String, Sendable {
    case none, softmax, sigmoid
  }

  package var isBidirectional: Bool { levels[0].count > 1 }
  /// Features of the last level, all directions side by side.
  package var stateSize: Int { levels[levels.count - 1].reduce(0) { $0 + $1.hidden } }
  package var outputSize: Int { output?.weights.columns ?? stateSize }

  /// A row a token that stands for one-hot inputs: the identity, unless there is an embedding; nil for features.
  package var tokenRows: WeightMatrix? {
    guard case .tokens(let vocabulary) = input else { return nil }
    return embedding ?? .identity(vocabulary)
  }
}

/// A recurrent layer in one direction: gates side by side, LSTM i, f, g, o; GRU z, r, h̃.
package struct RecurrentWeights: Sendable, Equatable {
  package var cell: CellKind
  /// `[inputs, gates · hidden]`.
  package var input: WeightMatrix
  /// `[hidden, gates · hidden]`.
  package var recurrent: WeightMatrix
  /// `[gates · hidden]`.
  package var bias: [Float]
  /// b′ `[hidden]` of the candidate, of a GRU that resets after the product; else empty.
  package var recurrentBias: [Float]
  /// The state before the first step `[hidden]`; nil for zeros.
  package var initialHidden: [Float]?
  /// The same of an LSTM's cell.
  package var initialCell: [Float]?

  package var hidden: Int { recurrent.rows }
  package var inputs: Int { input.rows }

  package init(
    cell: CellKind, input: WeightMatrix, recurrent: WeightMatrix, bias: [Float], recurrentBias: [Float] = []
  ) {
    self.cell = cell
    self.input = input
    self.recurrent = recurrent
    self.bias = bias
    self.recurrentBias = recurrentBias
  }

  /// A layer of a program that has a bias of the inputs and one of the recurrent product, both already in Weft's
  /// order `[gates · hidden]`; nil where it has none.
  package init(
    cell: CellKind, input: WeightMatrix, recurrent: WeightMatrix, inputBias: [Float]?, recurrentBias: [Float]?
  ) {
    let zeros = [Float](repeating: 0, count: input.columns)
    let (inputBias, second) = (inputBias ?? zeros, recurrentBias ?? zeros)
    // The candidate's recurrent bias is multiplied by the reset gate, so it cannot join the other.
    let apart = cell == .gruResetAfter ? recurrent.rows : 0
    let shared = input.columns - apart
    self.init(
      cell: cell, input: input, recurrent: recurrent,
      bias: zip(inputBias, second[..<shared] + zeros[shared...]).map { $0 + $1 },
      recurrentBias: Array(second[shared...]))
  }

  /// The recurrent product's bias `[gates · hidden]` for programs that have one: zero but for the candidate's.
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

extension CellKind {
  /// Gates of a layer.
  package var gates: Int {
    switch self {
    case .tanh, .relu: 1
    case .lstm: 4
    case .gru, .gruResetAfter: 3
    }
  }
}
