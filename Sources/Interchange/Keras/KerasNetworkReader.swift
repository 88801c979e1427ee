import WeftBase
import WeftLayers
import WeftModels

/// Builds a network from Keras's layers, from the input up.
struct KerasNetworkReader {
  let file: String
  let hints: NetworkHints
  /// Whether Weft wrote the file.
  let isOwn: Bool
  var obstacles: Obstacles
  /// Names of recurrent layers that a file of weights does not describe.
  var undescribed: [String] = []
  /// Blocks that the user names and that are not yet read.
  var told: ArraySlice<BlockConfiguration>
  /// Major version of Keras, if known.
  let version: Int?
  var embedding: WeightMatrix?
  var chain = BlockChain()
  /// The layer of the latest scaling, for errors.
  var scalingLayer = ""
  /// A dense layer whose activation a file of weights does not tell.
  var undescribedDense: String?
  /// A vector that is repeated at fewer steps than sequences have.
  var repetition: Repetition?
  /// Steps that a dense layer after `Flatten` reads at once.
  var flattenedSteps: Int?
  /// Sizes of a batch of inputs, nil where they vary.
  var inputShape: [Int?]?
  /// A layer that arranges the outputs in steps, which nothing can follow.
  var reshaped: String?
  /// The layer with a softmax over the last block's outputs.
  var softmax: String?
  /// Whether the last level returns its states at all steps; nil if the file does not specify it.
  var returnsSequences: Bool?
  var notes: [String] = []
  /// The dropout rates of training.
  var training = TrainingSettings()

  init(file: String, hints: NetworkHints, isOwn: Bool, version: Int?) {
    self.file = file
    self.hints = hints
    self.isOwn = isOwn
    self.version = version
    told = (hints.blocks ?? [])[...]
    obstacles = Obstacles(file: file)
  }

  /// Adds a layer, or the reason why that is not possible.
  mutating func collect(_ layer: KerasLayer) {
    if inputShape == nil { inputShape = layer.inputShape }
    do { try add(layer) } catch { obstacles.add(error) }
  }

  func result() throws(WeftError) -> ImportedNetwork {
    try obstacles.check()
    guard chain.hasRecurrent else {
      throw .model("\(file): contains no recurrent layer that Weft supports")
    }
    if flattenedSteps != nil {
      throw .model("\(file): only a Dense layer can follow Flatten")
    }
    var notes = notes
    var chain = chain
    try joinRepeated(&chain)
    guard chain.finish() else {
      throw .model("\(file): layer '\(scalingLayer)': only a layer with weights can follow it")
    }
    if returnsSequences == nil, hints.outputSteps == nil, hints.blocks == nil {
      notes.append(
        "the file does not specify whether every step has an output; assuming every step (model.output)")
    }
    if !undescribed.isEmpty, !isOwn, hints.blocks == nil {
      let names = undescribed.map { "'\($0)'" }.joined(separator: ", then ")
      notes.append(
        "a file of weights does not specify what its layers compute; takes \(names)"
          + (undescribed.count > 1 ? " to stand on one another," : "")
          + " with Keras's own activations, reading forward (model.cell for others)")
    }
    if returnsSequences == nil, hints.blocks == nil, let pool = hints.outputSteps?.poolKind {
      chain.poolStates(pool)
    }
    // The last dense layer is the output, before an activation that belongs to the loss.
    let output = chain.takeOutput()
    var activation = NetworkDescription.OutputActivation.none
    if output?.isSigmoid == true { activation = .sigmoid }
    if softmax != nil { activation = .softmax }
    if activation != .none {
      notes.append("Weft's outputs are the values before \(activation.rawValue), which belongs to the loss")
    }
    var network = NetworkDescription(
      input: embedding.map { .tokens($0.rows) } ?? .features(firstInputs), embedding: embedding,
      blocks: chain.blocks, output: output?.dense)
    network.activation = activation
    try checkTold(network.blocks)
    try network.check(file: file)
    var result = ImportedNetwork(network, notes: notes)
    result.training = training
    result.training.dropouts = training.dropouts.filter { $0.key < network.blocks.count }
    return result
  }

  var isPooled: Bool { chain.isPooled }

  /// Features of the inputs of the first block.
  var firstInputs: Int { chain.inputs ?? inputShape?.last.flatMap(\.self) ?? 0 }

  /// Adds a block, whose weights absorb a normalization before it.
  mutating func append(_ block: NetworkBlock, _ layer: KerasLayer) throws(WeftError) {
    try checkAppending(layer)
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
    if let undescribedDense {
      throw refuse(
        layer,
        "comes after '\(undescribedDense)', whose activation a file of weights does not tell; save the whole model,"
          + " or name all layers with --set 'model.blocks=[{cell: lstm, hidden: 8}, {pool: last}, {dense: 4,"
          + " activation: relu}]'"
      )
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

  func refuse(_ layer: KerasLayer, _ complaint: String) -> WeftError {
    .model("\(file): layer '\(layer.name)': \(complaint)")
  }

  mutating func add(_ layer: KerasLayer) throws(WeftError) {
    switch layer.className ?? Self.className(of: layer) {
    case "Dropout", "SpatialDropout1D": addDropout(layer)
    case let name? where name != "InputLayer" && KerasLayer.classesWithoutEffect.contains(name): return
    case "Masking": addMasking(layer)
    case "Embedding": try addEmbedding(layer)
    case "TextVectorization": try addVectorization(layer)
    case "InputLayer": try checkInputs(layer)
    case "SimpleRNN", "LSTM", "GRU", "Bidirectional", "CuDNNLSTM", "CuDNNGRU": try addLevel(layer)
    case "RNN": try addCells(layer)
    case "Dense": try addDense(layer)
    case "TimeDistributed" where layer.className == nil: try addDense(layer)
    case "TimeDistributed": try addTimeDistributed(layer)
    case "Conv1D", "Convolution1D": try addConvolution(layer)
    case "Activation", "Softmax", "ReLU", "LeakyReLU", "ELU": try addActivation(layer)
    case "PReLU": try addSlopes(layer)
    case "RepeatVector": try addRepeat(layer)
    case "BatchNormalization", "Rescaling", "Normalization": try addScaling(layer)
    case "LayerNormalization": try addNormalization(layer)
    case "MaxPooling1D", "MaxPool1D": try addPooling(.maximum, layer)
    case "AveragePooling1D", "AvgPool1D": try addPooling(.mean, layer)
    case "GlobalAveragePooling1D", "GlobalAvgPool1D": try addGlobalPooling(.mean, layer)
    case "GlobalMaxPooling1D", "GlobalMaxPool1D": try addGlobalPooling(.maximum, layer)
    case "Flatten": try addFlatten(layer)
    case "Reshape": try addReshape(layer)
    case nil where layer.variables.isEmpty:
      throw refuse(
        layer, "has no weights, and a file of weights does not say what it computes; save the whole model")
    default: try layer.checkClass(file: file)
    }
  }

  /// The class of a layer in a file of weights alone, inferred from its name or its variables.
  static func className(of layer: KerasLayer) -> String? {
    let names = [
      "embedding": "Embedding", "simple_rnn": "SimpleRNN", "lstm": "LSTM", "gru": "GRU",
      "bidirectional": "Bidirectional", "dense": "Dense", "time_distributed": "TimeDistributed",
    ]
    let stem = layer.name.replacing(/_\d+$/, with: "")
    if layer.parts.allSatisfy(\.variables.isEmpty) {
      if stem.contains("mask") { return "Masking" }
      return ["input", "drop", "noise", "regularization"].contains { stem.contains($0) } ? "Dropout" : nil
    }
    if let name = names[stem] { return name }
    let variables = layer.variables.map(\.name)
    if variables == ["embeddings"] { return "Embedding" }
    if variables.filter({ $0 == "recurrent_kernel" }).count == 2 { return "Bidirectional" }
    if variables.contains("recurrent_kernel"), let kernel = layer.variables.first?.array.shape,
      let recurrent = layer.variables.dropFirst().first?.array.shape, kernel.count == 2, recurrent.count == 2
    {
      return [1: "SimpleRNN", 3: "GRU", 4: "LSTM"][recurrent[1] / max(recurrent[0], 1)]
    }
    return variables.first == "kernel" ? "Dense" : nil
  }

  func matrix(_ variable: KerasLayer.Variable, _ layer: KerasLayer) throws(WeftError) -> WeightMatrix {
    guard let matrix = WeightMatrix(variable.array) else {
      throw refuse(layer, "its \(variable.name) has the shape \(variable.array.shape), expected a matrix")
    }
    return matrix
  }
}
