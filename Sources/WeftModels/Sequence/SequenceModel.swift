import KernelInterface
import WeftBase
import WeftLayers
import WeftTensor

/// A sequence model: tokens or features, a stack of blocks, and an output y_t = W_y h_t + b_y at every step, or one per
/// sequence if a block pools.
package struct SequenceModel: Sendable {
  package let layout: ParameterLayout
  package let shape: ModelShape
  package let stack: BlockStack
  /// Whether there is an output for every step, rather than one for each sequence.
  package let hasOutputPerStep: Bool
  /// Whether blocks change the number of steps, other than by pooling whole sequences.
  let changesLengths: Bool
  /// Embedding of tokens; nil if the inputs are features.
  let embedding: TokenEmbedding?
  let output: OutputLayer
  /// Scores of the classes' transitions; nil if the classes of the steps are independent.
  package let randomField: ConditionalRandomField?
  /// Vocabularies up to this size are projected completely: they have fewer tokens than a typical minibatch has
  /// positions.
  private static let maximumTableSize = 512

  /// - Precondition: With tied weights, the inputs are tokens whose embedding has the size of the stack's output, and
  ///   the outputs are the vocabulary.
  package init(_ configuration: ModelConfiguration, shape: ModelShape) {
    var layout = ParameterLayout(dotAlgorithm: configuration.dotAlgorithm)
    self.shape = shape
    hasOutputPerStep = configuration.hasOutputPerStep
    changesLengths = configuration.changesLengths
    let inputSize: Int
    var categoryEmbeddings: CategoryEmbeddings?
    switch shape.input {
    case .features:
      embedding = nil
      categoryEmbeddings = configuration.categoryEmbeddings(of: shape, layout: &layout)
      inputSize = configuration.embeddedSize(of: shape)
    case .tokens(let vocabulary):
      let embedding = TokenEmbedding(
        path: "embedding", tokens: vocabulary, features: configuration.embedding,
        initialization: configuration.embeddingInitialization(isTied: configuration.tieWeights),
        layout: &layout)
      self.embedding = embedding
      inputSize = embedding.size
    }
    var stack = BlockBuilder.stack(
      configuration.allBlocks, inputSize: inputSize,
      defaults: RecurrentLayerOptions(defaults: configuration), layout: &layout)
    if let categoryEmbeddings { stack.prepend(categoryEmbeddings, inputSize: shape.inputSize) }
    if configuration.adaptiveCutoffs.isEmpty {
      let tied = configuration.tieWeights ? embedding?.parameter : nil
      if let tied { precondition(tied.columns == stack.outputSize && tied.rows == shape.outputs) }
      let projection = Projection(
        tied
          ?? layout.add(
            "output/weights", rows: stack.outputSize, columns: shape.outputs,
            initialization: configuration.inputInitialization.values(gates: 1), isWeight: true),
        width: shape.outputs, isTransposed: tied != nil, dotAlgorithm: layout.dotAlgorithm)
      let bias = layout.add(
        "output/bias", rows: 1, columns: shape.outputs, initialization: .zero, isWeight: false)
      output = .linear(
        LinearOutput(projection: projection, bias: PaddedRow(bias, width: shape.outputs), embedding: tied))
    } else {
      output = .adaptive(
        AdaptiveSoftmax(
          inputs: stack.outputSize, classes: shape.outputs, cutoffs: configuration.adaptiveCutoffs,
          initialization: configuration.inputInitialization, layout: &layout))
    }
    randomField =
      configuration.hasRandomField ? ConditionalRandomField(classes: shape.outputs, layout: &layout) : nil
    if case .tokens(let vocabulary) = shape.input, vocabulary <= SequenceModel.maximumTableSize,
      stack.acceptsTokens
    {
      stack.addTokenTables(vocabulary: vocabulary, layout: &layout)
    }
    if case .linear(let linear) = output, let tied = linear.embedding { layout.addSecondGradient(of: tied) }
    self.layout = layout
    self.stack = stack
  }

  /// Packs worker `worker`'s share of all weights; all shares must be packed before a forward pass.
  package func pack(_ engine: Engine, parameters: Matrix, worker: Int, workers: Int) {
    stack.pack(engine, parameters: parameters, worker: worker, workers: workers)
    output.pack(engine, parameters: parameters, worker: worker, workers: workers)
  }

  package func prepare(_ engine: Engine, parameters: Matrix, worker: Int, workers: Int) {
    for layer in stack.firstLayers {
      layer.prepareTable(
        engine, embedding: embedding?.parameter, parameters: parameters, worker: worker, workers: workers)
    }
  }

  package var gradientBoundaries: [Int] {
    (output.offset.map { [$0] } ?? []) + stack.gradientBoundaries
  }

  package var derivedParameters: [Range<Int>] {
    let layers = stack.firstLayers.filter { $0.tokenTable != nil }
    if layers.isEmpty { return [] }
    let parameters =
      [embedding?.parameter].compactMap(\.self) + layers.flatMap { [$0.input.parameter, $0.bias.parameter] }
    return parameters.map(\.range).sorted { $0.lowerBound < $1.lowerBound }
  }

  package var stepWeightBytes: Int { stack.stepWeightBytes }
  package var batchNormalizations: [BatchNormalizationBlock] { stack.batchNormalizations }
  package var dropConnects: [DropConnect] { stack.layers.compactMap(\.dropConnect) }

  package func deriveGradients(_ engine: Engine, parameters: Matrix, gradient: Matrix) {
    for (index, layer) in stack.firstLayers.enumerated() {
      layer.deriveTableGradients(
        engine, embedding: embedding?.parameter, parameters: parameters, gradient: gradient,
        addsToEmbedding: index > 0)
    }
  }

  /// Activations over one shard.
  package struct Pass {
    let input: Steps<Matrix>
    /// Its output, one row per position or per sequence, is the input of the output layer.
    package let stack: BlockPass
    /// y, `[positions or rows, outputs]`, which a loss overwrites with its gradient; of an adaptive softmax what receives
    /// the gradient of the stack's output.
    let outputs: Matrix
  }

  package func forward(_ inputs: Steps<Matrix>, initial: RecurrentState?, _ shard: Shard) -> Pass {
    let input = features(inputs, shard)
    let pass = stack.forward(input, initial: initial, shard)
    switch output {
    case .linear(let linear):
      let outputs = shard.arena.matrix(rows: pass.output.rows, columns: shape.outputs)
      linear.forward(pass.output, into: outputs, shard)
      return Pass(input: input, stack: pass, outputs: outputs)
    case .adaptive:
      return Pass(input: input, stack: pass, outputs: shard.arena.matrix(like: pass.output))
    }
  }

  /// All outputs of a pass, `[positions or rows, outputs]`.
  func outputs(of pass: Pass, _ shard: Shard) -> Matrix {
    guard case .adaptive(let softmax) = output else { return pass.outputs }
    let outputs = shard.arena.matrix(rows: pass.stack.output.rows, columns: shape.outputs)
    softmax.logProbabilities(pass.stack.output, into: outputs, shard)
    return outputs
  }

  /// Computes the gradients of all parameters from ∂L/∂y in `pass.outputs`; those of an adaptive softmax are complete.
  package func backward(
    _ pass: Pass, _ inputs: Steps<Matrix>, finalGradient: RecurrentState? = nil,
    initialGradient: RecurrentState? = nil, gradientNorms: [Matrix] = [], _ shard: Shard
  ) {
    let arena = shard.arena
    var gradient = pass.outputs
    if case .linear(let linear) = output {
      gradient = arena.matrix(like: pass.stack.output)
      linear.projection.backward(pass.outputs, initial: .zero, into: gradient, record: nil, shard)
      linear.accumulate(
        pass.outputs, pass.stack.output, tiedOffset: linear.embedding.flatMap(layout.secondGradientOffset),
        index: pass.stack.shard.layout.lanePositions, shard)
    }
    if let offset = output.offset { shard.gradientsAreFinal(from: offset) }
    var inputGradient: Matrix?
    if embedding?.parameter != nil, case .features(let input) = pass.input {
      inputGradient = arena.matrix(like: input)
    }
    stack.backward(
      pass.stack, outputGradient: gradient, finalGradient: finalGradient, inputGradient: inputGradient,
      initialGradient: initialGradient, gradientNorms: gradientNorms, shard)
    if let embedding, let inputGradient, case .tokens(let tokens) = inputs {
      embedding.backward(inputGradient, tokens, shard)
    }
  }

  private func features(_ inputs: Steps<Matrix>, _ shard: Shard) -> Steps<Matrix> {
    switch (inputs, shape.input) {
    case (.features(let features), _):
      return .features(features)
    case (.tokens(let tokens), .tokens):
      guard stack.firstLayers.first?.tokenTable == nil, let embedding else { return .tokens(tokens) }
      let result = shard.arena.matrix(rows: tokens.count, columns: embedding.size)
      embedding.forward(tokens, into: result, shard)
      return .features(result)
    case (.tokens, .features):
      preconditionFailure("the inputs are features")
    }
  }
}
