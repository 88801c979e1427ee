import WeftBase
import WeftLayers

/// Files of weights alone: recurrent layers that stand on one another, or the blocks that the user names.
extension KerasNetworkReader {
  /// - Throws: If the file has other layers than the user names, or than are known without that.
  mutating func read(_ weights: KerasWeights) throws(WeftError) {
    var weights = weights
    if let item = weights.take(.embedding, where: { _ in true }) {
      embedding = try matrix(item.layer.variables[0], item.layer)
    }
    if let mask = weights.mask { addMasking(mask) }
    if let blocks = hints.blocks {
      try read(blocks, &weights)
    } else {
      try readRecurrent(weights)
    }
  }

  /// Recurrent layers, and the output layer.
  private mutating func readRecurrent(_ weights: KerasWeights) throws(WeftError) {
    let arranged = weights.arranged()
    var items = arranged?.items ?? weights.items
    let output = items.last?.kind == .dense ? items.popLast() : nil
    guard items.contains(where: { $0.kind == .recurrent }) || !weights.others.isEmpty else {
      throw .model(
        "\(file): contains no recurrent layer (LSTM, GRU, SimpleRNN), which every network of Weft has")
    }
    let isPlain = items.allSatisfy { $0.kind == .recurrent } && weights.others.isEmpty
    let mergesDirections = zip(items, items.dropFirst() + [output].compactMap(\.self)).contains {
      isMerged($0, $1)
    }
    guard let arranged, arranged.isOnly, isPlain, !mergesDirections else {
      throw .model("\(file): \(complaint(weights)); \(suggestion(weights))")
    }
    for item in items {
      // What stands on another program's layers of other sizes is told by the check of sizes.
      try append(.recurrent(level(item.layer)), item.layer)
    }
    if let output { try append(.dense(dense(output.layer), .linear), output.layer) }
    guard !isOwn else { return }
    let names = (items + [output].compactMap(\.self)).map { "'\($0.layer.name)'" }.joined(
      separator: ", then ")
    notes.append(
      "a file of weights does not specify what its layers compute; takes \(names) to stand on one another, with"
        + " Keras's own activations, reading forward, and the outputs before an activation (model.blocks for others)"
    )
  }

  private func complaint(_ weights: KerasWeights) -> String {
    if !weights.others.isEmpty {
      return
        "layer '\(weights.others[0])': has no weights, and a file of weights does not say what it computes"
    }
    return weights.isOrdered
      ? "a file of weights does not specify the activations of its layers"
      : "a file of weights does not specify the order and the activations of its layers"
  }

  /// A recurrent layer in one direction or both.
  private func level(_ layer: KerasLayer) throws(WeftError) -> RecurrentLevel {
    let variables = layer.variables
    guard variables.count > 3 else { return RecurrentLevel([try recurrent(layer, nil, [:], variables)]) }
    let half = variables.count / 2
    return RecurrentLevel([
      try recurrent(layer, nil, [:], Array(variables[..<half])),
      try recurrent(layer, nil, [:], Array(variables[half...])),
    ])
  }

  /// The blocks that the user names; a dense layer after them is the output.
  private mutating func read(
    _ blocks: [BlockConfiguration], _ weights: inout KerasWeights
  ) throws(WeftError) {
    try checkPooling(blocks, weights)
    let file = file
    for (index, told) in blocks.enumerated() {
      func refuse(_ complaint: String) -> WeftError {
        .model("\(file): model.blocks: block \(index + 1): \(complaint)")
      }
      let block = told.withoutDropout
      guard !block.isHighway, block.pool != .attention else {
        throw refuse("'\(block.isHighway ? "highway" : "pool: attention")' is no layer of Keras")
      }
      // Dropout alone has no effect.
      if block.type == nil { continue }
      let count = chain.blocks.count
      let layer = try append(block, &weights, refuse)
      if block.isResidual, !chain.makeResidual() { throw refuse("cannot be residual") }
      // Some become part of the blocks beside them.
      guard block.normalization != .batch, block.type?.key != "activation", chain.blocks.count == count + 1
      else { continue }
      let found = chain.blocks[count].configuration
      guard found == block else {
        throw refuse(
          "is '\(block.summary)', but the file has '\(found.summary)'"
            + (found.summary == block.summary ? " with other options" : "") + " ('\(layer)')")
      }
    }
    if weights.items.count == 1, let output = weights.take(.dense, where: { _ in true }) {
      try append(.dense(dense(output.layer), .linear), output.layer)
    }
    if !weights.items.isEmpty {
      let names = weights.items.map { "'\($0.layer.name)'" }.joined(separator: ", ")
      throw .model(
        "\(file): model.blocks: the file has more layers: \(names); each needs a block, but for a last dense layer, the"
          + " output")
    }
  }

  /// Adds a block without activation and residual connection.
  ///
  /// - Returns: The layer's name; for blocks without weights the block's.
  private mutating func append(
    _ block: BlockConfiguration, _ weights: inout KerasWeights, _ refuse: (String) -> WeftError
  ) throws(WeftError) -> String {
    let inputs = outputSize
    func take(_ kind: KerasWeights.Kind, _ matches: (KerasWeights.Item) -> Bool) throws(WeftError)
      -> KerasLayer
    {
      let next = weights.items.first?.layer.name
      if let item = weights.take(kind, where: matches) { return item.layer }
      throw refuse(
        "is '\(block.summary)', but the file has "
          + (weights.isOrdered ? next.map { "'\($0)' next" } ?? "no more layers" : "no more such layers"))
    }
    func fits(_ item: KerasWeights.Item) -> Bool { inputs == nil || item.inputs == inputs }
    if let kind = block.pool {
      _ = chain.append(.pool(kind))
      return block.summary
    }
    if let kind = block.pooling {
      _ = chain.append(
        .pooling(
          PoolingWindow(kind: kind, width: block.width ?? 1, stride: block.stride, padding: block.padding)))
      return block.summary
    }
    if let cell = block.cell {
      prefer(cell)
      let units = (block.hidden ?? 0) * (block.isBidirectional ? 2 : 1)
      let layer = try take(.recurrent) {
        fits($0) && $0.outputs == units && $0.gates == cell.gateCount
          && $0.isBidirectional == block.isBidirectional
      }
      try append(.recurrent(level(layer).completed(by: block)), layer)
      return layer.name
    }
    if block.convolution != nil {
      let layer: KerasLayer
      do { layer = try take(.convolution) { fits($0) && $0.outputs == block.convolution } } catch {
        // After Flatten, a dense layer reads all steps.
        layer = try take(.dense) { $0.outputs == block.convolution }
      }
      try append(.convolution(convolution(layer, block, refuse)), layer)
      return layer.name
    }
    if block.dense != nil {
      let layer = try take(.dense) { fits($0) && $0.outputs == block.dense }
      try append(.dense(dense(layer), block.activation ?? .linear), layer)
      return layer.name
    }
    guard block.normalization != nil else {
      guard let function = block.activation, block.branches.isEmpty, chain.activate(function) else {
        throw refuse("'\(block.summary)' cannot be taken from Keras's weights; save the whole model")
      }
      return block.summary
    }
    let isBatch = block.normalization == .batch
    var layer = try take(isBatch ? .batchNormalization : .layerNormalization, fits)
    layer.config["epsilon"] = .number(block.epsilon)
    layer.className = isBatch ? "BatchNormalization" : "LayerNormalization"
    if abs(block.epsilon - 1e-3) > 1e-9 {
      notes.append(
        "layer '\(layer.name)' has the epsilon \(block.epsilon) of model.blocks; Keras's own is 0.001")
    }
    if isBatch { try addScaling(layer) } else { try addNormalization(layer) }
    return layer.name
  }

  private func convolution(
    _ layer: KerasLayer, _ block: BlockConfiguration, _ refuse: (String) -> WeftError
  ) throws(WeftError) -> ConvolutionWeights {
    let kernel = layer.variables[0].array
    let filters = kernel.shape.last ?? 0
    let width = kernel.shape.count == 3 ? kernel.shape[0] : block.width ?? 1
    guard filters > 0, width > 0, kernel.values.count / filters % width == 0 else {
      throw refuse("is '\(block.summary)', but '\(layer.name)' has the shape \(kernel.shape)")
    }
    return ConvolutionWeights(
      dense: DenseWeights(
        weights: WeightMatrix(rows: kernel.values.count / filters, columns: filters, values: kernel.values),
        bias: layer.variables.count > 1
          ? layer.variables[1].array.values : [Float](repeating: 0, count: filters)),
      width: width, stride: block.stride, dilation: block.dilation, padding: block.padding,
      activation: block.activation ?? .linear)
  }

  /// - Throws: If the user names other pooling than the names of layers without weights tell.
  private mutating func checkPooling(
    _ blocks: [BlockConfiguration], _ weights: KerasWeights
  ) throws(WeftError) {
    var rest: [String] = []
    for name in weights.others {
      guard let (kind, text) = KerasWeights.pooling(name) else {
        rest.append("'\(name)'")
        continue
      }
      guard blocks.contains(where: kind) else {
        throw .model("\(file): model.blocks: the file has the layer '\(name)', but there is no block \(text)")
      }
    }
    guard !rest.isEmpty else { return }
    notes.append("layers without weights compute what model.blocks says: \(rest.joined(separator: ", "))")
  }
}

extension RecurrentLevel {
  /// The level with what a file of weights does not tell.
  fileprivate func completed(by block: BlockConfiguration) -> RecurrentLevel {
    var level = self
    level.merge = block.merge
    if level.layers.count == 1 { level.isBackward = block.isBackward }
    for index in level.layers.indices {
      if let activation = block.activation { level.layers[index].activation = activation }
      if let gates = block.recurrentActivation { level.layers[index].recurrentActivation = gates }
    }
    return level
  }
}

extension BlockConfiguration {
  /// The block without what matters to training alone.
  var withoutDropout: BlockConfiguration {
    var block = self
    (block.dropout, block.recurrentDropout, block.dropConnect) = (nil, nil, nil)
    return block
  }
}
