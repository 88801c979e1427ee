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
  /// Major version of Keras, if known.
  let version: Int?
  var embedding: WeightMatrix?
  var blocks: [NetworkBlock] = []
  /// A normalization that the next block's weights absorb, and the name of its layer.
  var scaling: (scaling: InputScaling, layer: String)?
  /// A dense layer whose activation a file of weights does not tell.
  var undescribedDense: String?
  /// The layer with a softmax over the last block's outputs.
  var softmax: String?
  /// Whether the last level returns its states at all steps; nil if the file does not specify it.
  var returnsSequences: Bool?
  var notes: [String] = []

  init(file: String, hints: NetworkHints, isOwn: Bool, version: Int?) {
    self.file = file
    self.hints = hints
    self.isOwn = isOwn
    self.version = version
    obstacles = Obstacles(file: file)
  }

  /// Adds a layer, or the reason why that is not possible.
  mutating func collect(_ layer: KerasLayer) {
    do { try add(layer) } catch { obstacles.add(error) }
  }

  func result() throws(WeftError) -> ImportedNetwork {
    try obstacles.check()
    guard hasRecurrent else {
      throw .failure("\(file): contains no recurrent layer that Weft supports")
    }
    if let scaling {
      throw .failure(
        "\(file): layer '\(scaling.layer)': only a layer with weights can follow it")
    }
    var notes = notes
    if returnsSequences == nil, hints.outputSteps == nil {
      notes.append(
        "the file does not specify whether every step has an output; assuming every step (model.output)")
    }
    if !undescribed.isEmpty, !isOwn {
      let names = undescribed.map { "'\($0)'" }.joined(separator: ", then ")
      notes.append(
        "a file of weights does not specify what its layers compute; takes \(names)"
          + (undescribed.count > 1 ? " to stand on one another," : "")
          + " with Keras's own activations, reading forward (model.cell for others)")
    }
    var blocks = blocks
    if returnsSequences == nil, let pool = hints.outputSteps?.poolKind,
      let last = blocks.lastIndex(where: { if case .recurrent = $0 { true } else { false } })
    {
      blocks.insert(.pool(pool), at: last + 1)
    }
    // The last dense layer is the output, before an activation that belongs to the loss.
    var output: DenseWeights?
    var activation = NetworkDescription.OutputActivation.none
    if case .dense(let dense, let function) = blocks.last, function == .linear || function == .sigmoid {
      output = dense
      blocks.removeLast()
      if function == .sigmoid { activation = .sigmoid }
    }
    if softmax != nil { activation = .softmax }
    if activation != .none {
      notes.append("Weft's outputs are the values before \(activation.rawValue), which belongs to the loss")
    }
    var network = NetworkDescription(
      input: embedding.map { .tokens($0.rows) } ?? .features(firstInputs), embedding: embedding,
      blocks: blocks, output: output)
    network.activation = activation
    try network.check(file: file)
    return ImportedNetwork(network, notes: notes)
  }

  var hasRecurrent: Bool { blocks.contains { if case .recurrent = $0 { true } else { false } } }
  var isPooled: Bool { blocks.contains { if case .pool = $0 { true } else { false } } }

  /// Features of the inputs of the first block.
  var firstInputs: Int {
    switch blocks.first {
    case .recurrent(let level): level.layers.first?.inputs ?? 0
    case .dense(let dense, _): dense.weights.rows
    case .convolution(let convolution): convolution.dense.weights.rows / max(convolution.width, 1)
    case .normalization(let gain, _, _): gain.count
    case .pooling, .pool, .attention, .residual, .highway, nil: 0
    }
  }

  /// Adds a block, whose weights absorb a normalization before it.
  mutating func append(_ block: NetworkBlock, _ layer: KerasLayer) throws(WeftError) {
    // What follows an obstacle need not fit what precedes it.
    if obstacles.isEmpty, let softmax {
      throw refuse(layer, "comes after the softmax of '\(softmax)', which is supported at the end only")
    }
    if obstacles.isEmpty, let undescribedDense {
      throw refuse(
        layer,
        "comes after '\(undescribedDense)', whose activation a file of weights does not tell; save the whole model"
      )
    }
    var block = block
    if obstacles.isEmpty, let (scaling, name) = scaling, !block.absorb(scaling) {
      throw .failure(
        "\(file): layer '\(name)': cannot be joined with the weights of '\(layer.name)' that follow it")
    }
    scaling = nil
    blocks.append(block)
  }

  func refuse(_ layer: KerasLayer, _ complaint: String) -> WeftError {
    .failure("\(file): layer '\(layer.name)': \(complaint)")
  }

  mutating func add(_ layer: KerasLayer) throws(WeftError) {
    switch layer.className ?? Self.className(of: layer) {
    case let name? where KerasLayer.classesWithoutEffect.contains(name): return
    case "Masking": addMasking(layer)
    case "Embedding": try addEmbedding(layer)
    case "SimpleRNN", "LSTM", "GRU", "Bidirectional": try addLevel(layer)
    case "Dense", "TimeDistributed": try addDense(layer)
    case "Conv1D", "Convolution1D": try addConvolution(layer)
    case "Activation", "Softmax", "ReLU", "LeakyReLU", "ELU": try addActivation(layer)
    case "BatchNormalization", "Rescaling", "Normalization": try addScaling(layer)
    case "GlobalAveragePooling1D", "GlobalAvgPool1D": try append(.pool(.mean), layer)
    case "GlobalMaxPooling1D", "GlobalMaxPool1D": try append(.pool(.maximum), layer)
    case "Flatten" where isPooled || returnsSequences == false: return
    case "Flatten": throw refuse(layer, "needs sequences of one length; pool them instead")
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
