import WeftBase
import WeftLayers
import WeftModels

/// Reads the layers of a decoder, from its input up to the tokens that it writes.
struct KerasDecoderReader {
  let file: String
  /// Reads recurrent and dense layers.
  private let reader: KerasNetworkReader
  /// The recurrent layers of the encoder, from its input up.
  private let levels: [KerasLayer]
  /// The last layer of the encoder.
  private let top: String
  private(set) var obstacles: Obstacles
  private(set) var notes: [String] = []

  /// Features of the inputs, where they are one-hot.
  private var oneHot: Int?
  private var embedding: WeightMatrix?
  private var layers: [(name: String, weights: RecurrentWeights)] = []
  private var attention: AttentionScoreWeights?
  /// The layer that puts what is attended to beside the states, and whether the states come first.
  private var join: (layer: String, statesFirst: Bool)?
  private var combination: WeightMatrix?
  private var output: (name: String, dense: DenseWeights, isFinished: Bool)?

  /// - Parameter encoderLayers: Those of the encoder, from its input up.
  init(file: String, reader: KerasNetworkReader, encoderLayers: [KerasLayer]) {
    self.file = file
    self.reader = reader
    levels = encoderLayers.filter { KerasLayer.recurrentClasses.contains($0.className ?? "") }
    top = encoderLayers.last?.name ?? ""
    obstacles = Obstacles(file: file)
  }

  /// Adds a layer, or the reason why that is not possible.
  mutating func collect(_ layer: KerasLayer) {
    do { try add(layer) } catch { obstacles.add(error) }
  }

  private mutating func add(_ layer: KerasLayer) throws(WeftError) {
    switch layer.className {
    case "InputLayer":
      if let shape = layer.inputShape, shape.count == 3 { oneHot = shape[2] ?? 0 }
    case let name? where KerasLayer.classesWithoutEffect.contains(name): return
    case "Masking":
      notes.append("layer '\(layer.name)' is ignored: Weft's datasets store the length of each sequence")
    case "Embedding":
      guard oneHot == nil, embedding == nil, layers.isEmpty, layer.variables.count == 1 else {
        throw refuse(layer, "an embedding is supported only before the recurrent layers")
      }
      embedding = try reader.matrix(layer.variables[0], layer)
    case "LSTM", "GRU", "SimpleRNN", "CuDNNLSTM", "CuDNNGRU": try addLevel(layer)
    case "Concatenate": try addJoin(layer)
    case "Dense": try addDense(layer)
    case "TimeDistributed":
      var inner = layer
      inner.className = layer.config["layer"]?["class_name"]?.text
      inner.config = layer.config["layer"]?["config"]?.members ?? [:]
      guard let name = inner.className,
        name == "Dense" || name == "Activation" || KerasLayer.classesWithoutEffect.contains(name)
      else {
        throw refuse(
          layer, "TimeDistributed of \(inner.className ?? "such a layer") is not supported in a decoder")
      }
      try add(inner)
    case "Activation", "Softmax":
      let name =
        layer.className == "Softmax"
        ? "softmax" : KerasLayer.activation(layer.config["activation"]) ?? "linear"
      guard let last = output, !last.isFinished, name == "softmax" else {
        throw refuse(layer, "an activation is supported in a decoder only as the softmax at its end")
      }
      output?.isFinished = true
    default:
      if KerasLayer.decoderAttention.contains(layer.className ?? "") {
        throw refuse(layer, "is supported in a decoder with its result beside the states (Concatenate) only")
      }
      try layer.checkClass(file: file)
      throw refuse(layer, "\(layer.className ?? "such a layer") is not supported in a decoder")
    }
  }

  private func refuse(_ layer: KerasLayer, _ complaint: String) -> WeftError {
    .model("\(file): layer '\(layer.name)': \(complaint)")
  }

  /// A recurrent layer, which starts from the final state of the encoder's layer at the same level.
  private mutating func addLevel(_ layer: KerasLayer) throws(WeftError) {
    guard join == nil, output == nil else { throw refuse(layer, "comes after attention or a dense layer") }
    guard layer.config["return_sequences"]?.bool == true else {
      throw refuse(layer, "gives its last state alone; a decoder writes at every step (return_sequences)")
    }
    for flag in ["go_backwards", "time_major"] where layer.config[flag]?.bool == true {
      throw refuse(layer, "\(flag) is not supported in a decoder")
    }
    let weights = try reader.recurrent(layer, layer.className, layer.config, layer.variables)
    guard weights.hasOwnActivations else {
      throw refuse(layer, "has activations that a decoder of Weft cannot have")
    }
    if let (name, first) = layers.first,
      first.cell != weights.cell || first.units != weights.units
    {
      throw refuse(layer, "differs from '\(name)' in its cell or size; all layers of a decoder are equal")
    }
    guard !levels.isEmpty else { throw refuse(layer, "has no recurrent layer of an encoder below it") }
    let level = levels[min(layers.count, levels.count - 1)]
    let isLSTM = weights.cell == .lstm
    let own = [1] + (isLSTM ? [2] : [])
    var wanted =
      level.className == "Bidirectional"
      ? [[KerasGraph.hiddenOfBoth] + (isLSTM ? [KerasGraph.cellOfBoth] : [])] : [own]
    // Without outputs at every step, the output is the hidden state.
    if level.className != "Bidirectional", !level.returnsSequences { wanted.append([0] + own.dropFirst()) }
    guard !layer.initialStates.isEmpty else {
      throw refuse(
        layer, "starts from zeros; in Weft all layers of a decoder start from the encoder's final states")
    }
    if let other = layer.initialStates.first(where: { $0.layer != level.name }) {
      throw refuse(
        layer,
        "starts from a state of '\(other.layer)', but layer \(layers.count + 1) of a decoder of Weft starts from"
          + " those of '\(level.name)', the layer of the encoder at the same level")
    }
    guard wanted.contains(layer.initialStates.map(\.number)) else {
      throw refuse(
        layer,
        "starts from other states of '\(level.name)' than its final hidden state\(isLSTM ? " and cell state" : "")"
          + "\(level.className == "Bidirectional" ? ", of both directions side by side" : "")")
    }
    layers.append((layer.name, weights))
  }

  /// Attention whose result is beside the states.
  private mutating func addJoin(_ layer: KerasLayer) throws(WeftError) {
    guard !layers.isEmpty, join == nil, output == nil, layer.branches.count == 2,
      [-1, 2, nil].contains(layer.config["axis"]?.integer),
      let place = layer.branches.firstIndex(where: \.isEmpty), layer.branches[1 - place].count == 1,
      let attend = layer.branches[1 - place].first,
      KerasLayer.decoderAttention.contains(attend.className ?? "")
    else {
      for layer in layer.branches.joined() { try layer.checkClass(file: file) }
      throw refuse(layer, "joins other than the states of a decoder and what they attend to")
    }
    join = (layer.name, place == 0)
    guard attend.attended == [KerasGraph.Tensor(layer: top, use: 0, number: 0)],
      levels.last?.name == top, levels.last?.returnsSequences == true
    else { throw refuse(attend, "attends to other than the outputs of the encoder's last layer") }
    guard attend.config["causal"]?.bool != true, attend.config["use_causal_mask"]?.bool != true else {
      throw refuse(attend, "a causal mask is not supported")
    }
    let scale = attend.variables.first?.array.values
    if attend.className == "AdditiveAttention" {
      guard let units = layers.last?.weights.hidden else {
        throw refuse(attend, "has no states to attend from")
      }
      guard attend.variables.count <= 1, scale == nil || scale?.count == units else {
        throw refuse(attend, "its weights do not match \(units) units")
      }
      attention = AttentionScoreWeights(
        score: .additive, query: .identity(units), key: .identity(units),
        vector: WeightMatrix(rows: units, columns: 1, values: scale ?? [Float](repeating: 1, count: units)))
    } else {
      guard attend.config["score_mode"]?.text ?? "dot" == "dot" else {
        throw refuse(
          attend, "score_mode 'concat' is not supported: Weft's scores are products, or additive with weights"
        )
      }
      // A factor of the scores is a product with a diagonal matrix.
      if let factor = scale?.first, let units = layers.last?.weights.hidden {
        var key = WeightMatrix.identity(units)
        for index in key.values.indices { key.values[index] *= factor }
        attention = AttentionScoreWeights(score: .general, key: key)
      } else {
        attention = AttentionScoreWeights(score: .dot)
      }
    }
    notes.append("layer '\(attend.name)' becomes the attention of the decoder")
  }

  private mutating func addDense(_ layer: KerasLayer) throws(WeftError) {
    let dense = try reader.dense(layer)
    let activation = KerasLayer.activation(layer.config["activation"]) ?? "linear"
    if let (_, _, isFinished) = output {
      throw refuse(
        layer,
        isFinished ? "comes after the softmax" : "is a second dense layer, which a decoder does not have")
    }
    if let join, combination == nil {
      combination = dense.weights
      guard activation == "tanh", dense.bias.allSatisfy({ $0 == 0 }), let units = layers.last?.weights.hidden,
        dense.weights.columns <= units
      else {
        throw refuse(
          layer,
          "reads '\(join.layer)', the states and what they attend to, without being their tanh without bias and of"
            + " no more units: in Weft the outputs are computed from tanh(W c + U h) (Luong et al. 2015)")
      }
      return
    }
    guard ["softmax", "linear"].contains(activation) else {
      throw refuse(
        layer, "has the activation '\(activation)'; the outputs of a decoder are a softmax of tokens")
    }
    output = (layer.name, dense, activation == "softmax")
  }

  /// The decoder, with the token that Weft adds to those of the model: it begins and ends what is written.
  ///
  /// - Returns: Its weights, and whether its inputs are one-hot.
  /// - Throws: If it is not known which tokens begin and end what is written, or a layer is missing.
  func decoder(startsWith start: Int?, endsWith end: Int?) throws(WeftError) -> (
    DecoderWeights, isOneHot: Bool
  ) {
    guard let output, let first = layers.first?.weights, let top = layers.last?.weights else {
      throw .model("\(file): its decoder has no recurrent layer, or no dense layer after it")
    }
    let count = output.dense.weights.columns
    let rows = embedding?.rows ?? oneHot ?? 0
    guard count > 1, embedding != nil || oneHot == count && output.isFinished, rows >= count else {
      throw .model(
        "\(file): its decoder reads \(embedding == nil ? "features" : "tokens") of \(rows) and writes"
          + " \(output.isFinished ? "\(count) tokens" : "\(count) numbers"); a decoder of Weft reads the tokens that it"
          + " wrote")
    }
    guard let start, let end else {
      throw .usage(
        "\(file): is an encoder-decoder of \(count) tokens, and does not tell which of them begin and end what it writes;"
          + " add --start-token NUMBER --end-token NUMBER")
    }
    guard (0..<rows).contains(start), (0..<count).contains(end) else {
      throw .usage(
        "\(file): --start-token must be at least 0 and below \(rows), --end-token at least 0 and below \(count)"
      )
    }
    var weights = layers.map(\.weights)
    let input: WeightMatrix
    if let embedding {
      input = embedding.prefix(count).over(embedding.rows(start))
    } else {
      guard count < BlockChain.maximumIdentity else {
        throw .model(
          "\(file): its decoder reads one-hot rows of \(count) tokens, which are too many; use an Embedding")
      }
      input = .identity(count + 1)
      weights[0].input = first.input.over(first.input.rows(start))
    }
    for (index, layer) in weights.enumerated() {
      let inputs = index == 0 ? input.columns : top.hidden
      guard layer.inputs == inputs else {
        throw .model("\(file): layer '\(layers[index].name)': has \(layer.inputs) inputs, expected \(inputs)")
      }
    }
    var decoder = DecoderWeights(
      input: .tokens(input), layers: weights, output: output.dense.ending(with: end, units: top.hidden))
    if let attention, let join {
      guard let combination, combination.rows == 2 * top.hidden else {
        throw .model(
          "\(file): layer '\(join.layer)': the outputs are computed from the states and what they attend to without a"
            + " Dense of tanh between, which the decoder of Weft has")
      }
      let wide = combination.padded(to: top.hidden)
      let halves = [wide.prefix(top.hidden), wide.suffix(top.hidden)]
      decoder.attention = attention
      decoder.combination = DecoderWeights.Combination(
        context: halves[join.statesFirst ? 1 : 0], state: halves[join.statesFirst ? 0 : 1])
    }
    let read = combination?.columns ?? top.hidden
    guard output.dense.weights.rows == read else {
      throw .model(
        "\(file): layer '\(output.name)': has \(output.dense.weights.rows) inputs, expected \(read)")
    }
    return (decoder, embedding == nil)
  }
}

extension DenseWeights {
  /// The same outputs with one more, which is the output of a token that ends what is written; that token itself is never
  /// written.
  ///
  /// - Parameter units: Inputs, of which the last ones may have no weights yet.
  fileprivate func ending(with token: Int, units: Int) -> DenseWeights {
    var result = DenseWeights(
      weights: WeightMatrix(
        rows: units, columns: weights.columns + 1,
        values: [Float](repeating: 0, count: units * (weights.columns + 1))), bias: bias + [bias[token]])
    for row in 0..<min(units, weights.rows) {
      let start = row * result.weights.columns
      for column in 0..<weights.columns where column != token {
        result.weights.values[start + column] = weights.values[row * weights.columns + column]
      }
      result.weights.values[start + weights.columns] = weights.values[row * weights.columns + token]
    }
    // exp of it is 0.
    result.bias[token] = -1e4
    return result
  }
}

extension WeightMatrix {
  /// One row as a matrix.
  fileprivate func rows(_ index: Int) -> WeightMatrix {
    WeightMatrix(rows: 1, columns: columns, values: Array(row(index)))
  }

  /// The last rows.
  fileprivate func suffix(_ count: Int) -> WeightMatrix {
    WeightMatrix(rows: count, columns: columns, values: Array(values[((rows - count) * columns)...]))
  }

  /// The matrix with columns of zeros after its own.
  fileprivate func padded(to width: Int) -> WeightMatrix {
    beside(
      WeightMatrix(
        rows: rows, columns: width - columns, values: [Float](repeating: 0, count: rows * (width - columns))))
  }
}

extension KerasLayer {
  /// Whether a recurrent layer has an output at every step.
  fileprivate var returnsSequences: Bool {
    let config = className == "Bidirectional" ? config["layer"]?["config"]?.members ?? [:] : config
    return config["return_sequences"]?.bool == true
  }
}
