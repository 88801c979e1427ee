import WeftBase
import WeftLayers
import WeftModels

/// A network independent of file formats: inputs, layers with weights in Weft's layout, and outputs.
package struct NetworkDescription: Sendable, Equatable {
  /// Tokens, or the features of a step.
  package var input: StepKind
  /// One row per token `[vocabulary, features]`; nil for features or one-hot tokens.
  package var embedding: WeightMatrix?
  /// Features that are numbers of categories, each with its embedding, in ascending order of their columns.
  package var categories: [CategoryTable] = []
  /// Blocks from the input up.
  package var blocks: [NetworkBlock]
  /// y = W h + b; nil if the states are the outputs.
  package var output: DenseWeights?
  /// The output layer of classes in clusters, in place of ``output``; nil for none.
  package var adaptive: AdaptiveWeights?
  /// Scores of the class that follows each class, of the first and of the last one, of a conditional random field
  /// `[outputs + 2, outputs]`; nil for classes that do not depend on each other.
  package var transitions: WeightMatrix?
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
    blocks.flatMap(\.recurrentLevels).map(\.layers)
  }

  /// Whether there is an output at each step, or only one for each sequence.
  package var outputSteps: OutputSteps {
    switch blocks.compactMap(\.configuration.pool).first {
    case nil: blocks.contains(where: \.configuration.leavesOneStep) ? .lastStep : .everyStep
    case .last: .lastStep
    case .lastPosition: .lastPosition
    case .mean: .mean
    case .maximum: .maximum
    case .attention: .attention
    }
  }

  /// Whether the blocks are equal recurrent layers, with an output at every step or at the last.
  package var hasEqualLayers: Bool {
    let layers = blocks.last == .pool(.last) ? blocks.dropLast() : blocks[...]
    guard case .recurrent(let first) = layers.first, first.merge == .concatenate, !first.isBackward,
      first.layers.allSatisfy({ $0.hasOwnActivations && !$0.hasOwnSteps && $0.heads == 1 })
    else {
      return false
    }
    let block = layers.first?.configuration
    return layers.allSatisfy { $0.configuration == block }
  }

  package var isBidirectional: Bool { (levels.first?.count ?? 0) > 1 }
  /// Features of the inputs of the first block.
  package var blockInputs: Int {
    embedding?.columns ?? categories.reduce(input.size) { $0 - 1 + $1.embedding.columns }
  }
  /// Features that the output layer reads.
  package var stateSize: Int {
    BlockConfiguration.size(of: blocks.map(\.configuration), inputs: blockInputs).outputs
  }
  package var outputSize: Int { adaptive?.classes ?? output?.weights.columns ?? stateSize }

  /// One row per token: the embedding, or the identity for one-hot inputs; nil for features.
  package var tokenRows: WeightMatrix? {
    guard case .tokens(let vocabulary) = input else { return nil }
    return embedding ?? .identity(vocabulary)
  }
}

/// The embedding of a categorical feature. Those of all features follow the numeric features, in the same order.
package struct CategoryTable: Sendable, Equatable {
  /// The feature's index among the inputs.
  package var column: Int
  package var name: String
  /// One row per category `[categories, features]`.
  package var embedding: WeightMatrix
}

/// An adaptive softmax: the head has the classes before the first cluster and an entry for each cluster.
package struct AdaptiveWeights: Sendable, Equatable {
  /// `[inputs, classes before the first cluster + clusters]`.
  package var head: WeightMatrix
  /// Each a projection `[inputs, size]` and the weights of its classes `[size, classes]`.
  package var clusters: [Cluster]

  /// Classes that share an entry of the head.
  package struct Cluster: Sendable, Equatable {
    package var projection: WeightMatrix
    package var weights: WeightMatrix
  }

  package var classes: Int { head.columns - clusters.count + clusters.reduce(0) { $0 + $1.weights.columns } }
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
