import WeftBase
import WeftLayers
import WeftModels

/// Builds a network from Keras's layers, from the input up.
struct KerasNetworkReader {
  let file: String
  private(set) var hints: NetworkHints
  /// Whether Weft wrote the file.
  let isOwn: Bool
  var obstacles: Obstacles
  /// Major version of Keras, if known.
  let version: Int?
  var embedding: WeightMatrix?
  var chain = BlockChain()
  /// The layer that makes tokens of texts.
  var wordLayer: KerasLayer?
  /// The layer of the latest scaling, for errors.
  var scalingLayer = ""
  /// A vector that is repeated at fewer steps than sequences have.
  var repetition: Repetition?
  /// Steps that a dense layer after `Flatten` reads at once.
  var flattenedSteps: Int?
  /// Steps that a layer leaves of each sequence.
  var keptSteps: KeptSteps?
  /// Zeros around sequences that a convolution takes.
  var zeroPadding: ZeroPadding?
  /// Weights of convolutions that were made of smaller ones.
  var expansion = 0
  /// Features of the input of a branch; nil outside of branches.
  var branchInputs: Int?
  /// Whether the layers are those of a branch.
  var isInBranch = false
  /// Whether the layers below a branch leave one step.
  var isPooledBelow = false
  /// Whether the input of a branch is the states of a layer that reads backward, alone or beside another.
  var isBackwardBelow = false
  /// The inputs of a model with several; nil of one.
  private(set) var inputs: NetworkInputs?
  /// Whether the chain reads the inputs, rather than the outputs of blocks below a branch.
  var readsInputs = true
  /// The input that is read next, before an embedding or a block.
  var source: String?
  /// Columns of the inputs that the first block reads; nil for all.
  var selection: [Int]?
  /// Whether the features are the same at every step, as those of an input with one vector for each sequence.
  var isStatic = false
  /// Sizes of a batch of inputs, nil where they vary.
  var inputShape: [Int?]?
  /// Steps weighted by attention.
  var weighted: WeightedSteps?
  /// A layer that arranges the outputs in steps, which nothing can follow.
  var reshaped: String?
  /// The layer with a softmax over the last block's outputs.
  var softmax: String?
  /// Whether the last level returns its states at all steps; nil if the file does not specify it.
  var returnsSequences: Bool?
  var notes: [String] = []
  /// The number, or the token, of steps that the layers before the first block leave out; nil if they leave out none.
  var padding: Double?
  /// The dropout rates of training.
  var training = TrainingSettings()

  init(file: String, hints: NetworkHints, isOwn: Bool, version: Int?, inputs: NetworkInputs? = nil) {
    self.inputs = inputs
    branchInputs = inputs?.width
    inputShape = inputs.map { [nil, $0.steps, $0.width] }
    self.file = file
    self.hints = hints
    self.isOwn = isOwn
    self.version = version
    obstacles = Obstacles(file: file)
  }

  /// Adds a layer, or the reason why that is not possible.
  mutating func collect(_ layer: KerasLayer) {
    if inputShape == nil, branchInputs == nil { inputShape = layer.inputShape }
    do { try add(layer) } catch { obstacles.add(error) }
  }

  mutating func result() throws(WeftError) -> ImportedNetwork {
    try obstacles.check()
    guard chain.hasRecurrent || readsSteps else {
      throw .model(
        "\(file): contains no recurrent layer (LSTM, GRU, SimpleRNN), and its inputs are no sequences, which Weft's"
          + " networks read")
    }
    if flattenedSteps != nil {
      throw .model("\(file): only a Dense layer can follow Flatten")
    }
    if let zeroPadding {
      throw .model("\(file): layer '\(zeroPadding.layer)': only a convolution can follow it")
    }
    if let weighted { throw onlySum(of: weighted) }
    let vocabulary = takeVocabulary()
    var chain = chain
    try joinRepeated(&chain)
    try joinKept(&chain)
    guard chain.finish() else {
      throw .model("\(file): layer '\(scalingLayer)': only a layer with weights can follow it")
    }
    if returnsSequences == nil, hints.outputSteps == nil, hints.blocks == nil, chain.hasRecurrent {
      notes.append(
        "the file does not specify whether every step has an output; assuming every step (model.output)")
    }
    if returnsSequences == nil, hints.blocks == nil, let pool = hints.outputSteps?.poolKind {
      chain.poolStates(pool)
    }
    if try readAll(&chain) { training.shift() }
    // The last dense layer is the output, before an activation that belongs to the loss.
    let output = chain.takeOutput()
    var activation = NetworkDescription.OutputActivation.none
    if output?.isSigmoid == true { activation = .sigmoid }
    if softmax != nil { activation = .softmax }
    if activation != .none {
      notes.append("Weft's outputs are the values before \(activation.rawValue), which belongs to the loss")
    }
    var network = NetworkDescription(
      input: embedding.map { .tokens($0.rows) } ?? .features(inputs?.rawWidth ?? firstInputs),
      embedding: embedding, blocks: chain.blocks, output: output?.dense)
    network.activation = activation
    var datasets: ImportedDatasets?
    if let inputs {
      if inputs.isOneOfTokens, let table = inputs.categories.first?.embedding {
        (network.input, network.embedding) = (.tokens(table.rows), table)
      } else {
        network.categories = inputs.categories
        datasets = inputs.datasets
        notes.append(inputs.note)
      }
    }
    try network.check(file: file)
    var result = ImportedNetwork(network, notes: notes)
    result.datasets = datasets
    result.training = training
    result.metadata.vocabulary = vocabulary
    result.training.dropouts = training.dropouts.filter { $0.key < network.blocks.count }
    return result
  }

  /// Whether the inputs are tokens or features of several steps.
  private var readsSteps: Bool {
    !chain.blocks.isEmpty && (inputs != nil || embedding != nil || inputShape?.count == 3)
  }

  /// Whether there is one vector of each sequence.
  var isPooled: Bool { isPooledBelow || chain.isPooled || isStatic }

  /// Features of the inputs of the first block.
  var firstInputs: Int { branchInputs ?? chain.inputs ?? inputShape?.last.flatMap(\.self) ?? 0 }

  /// Adds a block, whose weights absorb a normalization before it.
  mutating func append(_ block: NetworkBlock, _ layer: KerasLayer) throws(WeftError) {
    try checkAppending(layer)
    try checkSteps(block, layer)
    if isStatic, obstacles.isEmpty, block.readsSteps {
      throw refuse(layer, "reads one vector of each sequence, which has no steps")
    }
    // What follows an obstacle need not fit what precedes it.
    guard chain.append(block, absorbs: obstacles.isEmpty) else {
      throw .model(
        "\(file): layer '\(scalingLayer)': cannot be joined with the weights of '\(layer.name)' that follow it"
      )
    }
  }

  /// - Throws: If nothing can follow the last layer.
  func checkAppending(_ layer: KerasLayer) throws(WeftError) {
    guard obstacles.isEmpty else { return }
    if let softmax {
      throw refuse(layer, "comes after the softmax of '\(softmax)', which is supported at the end only")
    }
    if let reshaped {
      throw refuse(layer, "comes after '\(reshaped)', which is supported at the end only")
    }
    if let weighted { throw onlySum(of: weighted) }
    if let zeroPadding {
      throw refuse(layer, "comes after '\(zeroPadding.layer)', which only a convolution can follow")
    }
  }

  /// - Throws: If the inputs are not sequences of numbers, or of tokens.
  func checkInputs(_ layer: KerasLayer) throws(WeftError) {
    guard let shape = layer.inputShape, shape.count > 3 else { return }
    throw refuse(layer, "the inputs have \(shape.count - 1) axes; Weft reads steps of features")
  }

  /// Features that a layer with weights for each of them reads.
  func features(of layer: KerasLayer) throws(WeftError) -> Int {
    // One number may stand for all features.
    let own = layer.variables.first?.array.values.count
    let known = outputSize ?? (own == 1 ? nil : own)
    guard let features = known ?? inputShape?.last.flatMap(\.self) ?? own else { return 0 }
    guard let steps = flattenedSteps else { return features }
    guard let count = [features, steps].boundedProduct else { throw refuse(layer, "has too many features") }
    return count
  }

  /// Dropout has no effect in a trained model, but in one that is trained further.
  mutating func addDropout(_ layer: KerasLayer) {
    addDropout(layer.config["rate"] ?? layer.config["p"])
  }

  /// Drops outputs of the last block, or the inputs of the first one.
  private mutating func addDropout(_ value: JSONValue?) {
    guard let rate = value?.number, rate > 0, rate < 1 else { return }
    // Of two that follow one another, each drops of what the other leaves.
    func joined(_ other: Double?) -> Double {
      other.map { ((1 - (1 - $0) * (1 - rate)) * 1e6).rounded() / 1e6 } ?? rate
    }
    if chain.blocks.isEmpty {
      training.inputDropout = joined(training.inputDropout)
    } else {
      training.dropouts[chain.blocks.count - 1] = joined(training.dropouts[chain.blocks.count - 1])
    }
  }

  /// The dropout of a recurrent layer's inputs, before it is added.
  mutating func addInputDropout(_ config: [String: JSONValue]) {
    addDropout(config["dropout"] ?? config["dropout_W"])
  }

  /// The dropout of the states that the last block, a recurrent layer, reads.
  mutating func addRecurrentDropout(_ config: [String: JSONValue]) {
    guard let rate = (config["recurrent_dropout"] ?? config["dropout_U"])?.number, rate > 0, rate < 1 else {
      return
    }
    training.recurrentDropouts[chain.blocks.count - 1] = rate
  }

  /// Lets a cell be the one that the user names, where the file allows several.
  mutating func prefer(_ cell: CellType) { hints.cell = cell }

  func refuse(_ layer: KerasLayer, _ complaint: String) -> WeftError {
    .model("\(file): layer '\(layer.name)': \(complaint)")
  }

  mutating func add(_ layer: KerasLayer) throws(WeftError) {
    switch layer.className {
    case "Dropout", "SpatialDropout1D": addDropout(layer)
    case let name? where name != "InputLayer" && KerasLayer.classesWithoutEffect.contains(name): return
    case "Masking": addMasking(layer)
    case "Embedding": try addEmbedding(layer)
    case "TextVectorization", "StringLookup": try addVectorization(layer)
    case "InputLayer":
      guard layer.owners.isEmpty, let input = inputs?[layer.name] else { return try checkInputs(layer) }
      try begin(input, layer)
    case "SimpleRNN", "LSTM", "GRU", "Bidirectional", "CuDNNLSTM", "CuDNNGRU": try addLevel(layer)
    case "RNN": try addCells(layer)
    case "Dense": try addDense(layer)
    case "TimeDistributed": try addTimeDistributed(layer)
    case "Conv1D", "Convolution1D": try addConvolution(layer)
    case "SeparableConv1D", "SeparableConvolution1D": try addSeparable(layer)
    case "DepthwiseConv1D": try addDepthwise(layer)
    case "ZeroPadding1D": try addZeroPadding(layer)
    case "GetItem", "SlicingOpLambda": try addSlice(layer)
    case "Cropping1D": try addCropping(layer)
    case "Permute": try addPermute(layer)
    case "Add", "Concatenate", "Average", "Multiply": try addJoin(layer)
    case "Activation", "Softmax", "ReLU", "LeakyReLU", "ELU": try addActivation(layer)
    case "PReLU": try addSlopes(layer)
    case "RepeatVector": try addRepeat(layer)
    case "BatchNormalization", "Rescaling", "Normalization": try addScaling(layer)
    case "LayerNormalization": try addNormalization(layer)
    case "MaxPooling1D", "MaxPool1D": try addPooling(.maximum, layer)
    case "AveragePooling1D", "AvgPool1D": try addPooling(.mean, layer)
    case "GlobalAveragePooling1D", "GlobalAvgPool1D":
      if weighted == nil { try addGlobalPooling(.mean, layer) } else { try addSum(layer, isMean: true) }
    case "Sum": try addSum(layer, isMean: false)
    case "Dot": try addDot(layer)
    case "GlobalMaxPooling1D", "GlobalMaxPool1D": try addGlobalPooling(.maximum, layer)
    case "Flatten": try addFlatten(layer)
    case "Reshape": try addReshape(layer)
    default: try layer.checkClass(file: file)
    }
  }

  func matrix(_ variable: KerasLayer.Variable, _ layer: KerasLayer) throws(WeftError) -> WeightMatrix {
    guard let matrix = WeightMatrix(variable.array) else {
      throw refuse(layer, "its \(variable.name) has the shape \(variable.array.shape), expected a matrix")
    }
    return matrix
  }
}
