import WeftBase
import WeftLayers
import WeftModels

/// The network that a state dictionary's layers make where their sizes leave one.
extension StateNetworkReader {
  /// Takes recurrent layers that stand on one another, with an embedding before, an output layer after and normalizations
  /// between them.
  ///
  /// - Throws: If there is more, or a normalization could stand at several places.
  mutating func takeFound() throws(WeftError) -> NetworkDescription {
    // Without recurrent layers, nothing tells steps from features.
    if levels.isEmpty { throw refusal() }
    try checkIsStack()
    if let blocks = blocksOfFinals {
      notes.append(
        "takes the last linear layer to read the last states of all layers side by side, in their order")
      return try takeTold(blocks)
    }
    for embedding in embeddings.map(Optional.some) + [nil] {
      let layers = layers(without: embedding)
      let columns = embedding.flatMap { rest[Self.weight(of: $0)]?.shape[1] }
      guard let placed = place(layers, from: columns) else { continue }
      return try takeFound(placed.blocks, placed.output, embedding)
    }
    throw refusal()
  }

  /// The blocks of a network whose only linear layer reads the last states of all layers of a module, as `h_n`; nil of
  /// others.
  private var blocksOfFinals: [BlockConfiguration]? {
    let linear = dictionary.layers(levels, rest).filter { !$0.isRecurrent && !embeddings.contains($0.name) }
    guard hints.outputSteps == .lastStep, levels.count > 1, levels.count <= 8,
      Set(levels.map(\.module)).count == 1,
      levels.allSatisfy({ $0.layers.count == 1 }), linear.count == 1, linear[0].kind == .linear,
      linear[0].inputs == levels.reduce(0, { $0 + $1.outputs })
    else { return nil }
    var pool = BlockConfiguration()
    pool.pool = .last
    let cells = levels.map { configuration(of: $0, merge: .concatenate) }
    return cells.dropLast().reversed().reduce([cells[cells.count - 1], pool]) { above, cell in
      var both = BlockConfiguration()
      both.branches = [[pool], above]
      return [cell, both]
    }
  }

  private mutating func takeFound(
    _ placed: [PlacedBlock], _ output: StateLayer?, _ embedding: String?
  ) throws(WeftError) -> NetworkDescription {
    var names = embedding.map { [$0] } ?? []
    for layer in placed.flatMap(\.layers) + (output.map { [$0] } ?? []) where names.last != layer.title {
      names.append(layer.title)
    }
    noteOrder(names)
    noteNormalizations(placed)
    if hints.outputSteps == .lastStep {
      noteFinalStates(isBidirectional: placed.last { $0.block.cell != nil }?.block.isBidirectional)
    }
    let table = try takeEmbedding(embedding)
    let taken = try take(placed, output: output)
    return NetworkDescription(
      input: table.map { .tokens($0.rows) }
        ?? .features(placed.first { !$0.layers.isEmpty }?.layers[0].inputs ?? 0),
      embedding: table, blocks: taken.blocks, output: taken.output)
  }

  /// - Throws: If there are an encoder and a decoder, or a module whose layers do not match.
  private func checkIsStack() throws(WeftError) {
    let titles = levels.map { $0.module.isEmpty ? "the recurrent module" : String($0.module.dropLast()) }
    if !isOwn, let encoder = titles.first(where: { $0.lowercased().contains("enc") }),
      let decoder = titles.first(where: { $0.lowercased().contains("dec") })
    {
      throw refuse(
        "'\(encoder)' and '\(decoder)' may be an encoder and a decoder, whose connection a state dictionary"
          + " does not describe; export the network to ONNX, or, if they stand on one another, name all layers with"
          + " --set model.blocks")
    }
    var remaining = levels[...]
    while let module = remaining.first?.module {
      let own = remaining.prefix { $0.module == module }
      remaining = remaining.dropFirst(own.count)
      try NetworkDescription(
        input: .features(own[own.startIndex].layers[0].inputs), levels: own.map(\.layers),
        outputSteps: .everyStep, output: nil
      ).check(file: file)
    }
  }

  /// The blocks of layers whose sizes leave one order, and the output layer; nil if they leave none, or several.
  private func place(
    _ layers: [StateLayer], from features: Int?
  ) -> (blocks: [PlacedBlock], output: StateLayer?)? {
    var layers = layers
    var attention: [StateLayer] = []
    if hints.outputSteps == .attention {
      let pairs = Set(layers.map(\.outputs)).flatMap { attentions(layers, size: $0) }
      guard pairs.count == 1 else { return nil }
      attention = pairs[0].map { layers[$0] }
      layers.removeAll(where: attention.contains)
    }
    let linear = layers.filter { $0.kind == .linear }
    guard linear.count <= 1, !linear.contains(where: \.name.isOfAttention),
      layers.allSatisfy({ $0.kind == .linear || $0.isRecurrent || $0.isNormalization }),
      let order = order(of: layers, from: features)
    else { return nil }
    var placed: [PlacedBlock] = []
    var output: StateLayer?
    for (place, number) in order.enumerated() {
      let layer = layers[number]
      if layer.kind == .linear, place == order.count - 1 {
        output = layer
        continue
      }
      placed.append(PlacedBlock(number: 0, block: block(for: layer), layers: [layer]))
    }
    guard let kind = hints.outputSteps?.poolKind,
      let last = placed.lastIndex(where: { $0.block.cell != nil })
    else { return (placed, output) }
    // Of these, the order with a normalization matters.
    let after = placed[(last + 1)...].prefix { $0.layers[0].isNormalization }
    if kind == .maximum, !after.isEmpty { return nil }
    if kind == .mean, after.contains(where: { $0.layers[0].kind == .layerNormalization }) { return nil }
    var pool = BlockConfiguration()
    pool.pool = kind
    pool.size = attention.first?.outputs
    placed.insert(PlacedBlock(number: 0, block: pool, layers: attention), at: last + 1)
    return (placed, output)
  }

  /// An order in which all layers fit, with no linear layer before a recurrent one.
  private func order(of layers: [StateLayer], from features: Int?) -> [Int]? {
    var search = LayerSearch(layers)
    let orders = search.orders(from: features, limit: 32).filter { order in
      let linear = order.firstIndex { layers[$0].kind == .linear }
      return linear.map { place in order[place...].allSatisfy { !layers[$0].isRecurrent } } ?? true
    }
    guard orders.count > 1, layers.contains(where: \.isNormalization) else { return orders.first }
    // Where sizes leave several places, a normalization stands at that of the file.
    return dictionary.order.isEmpty || orders[0] != Array(layers.indices) ? nil : orders[0]
  }

  /// A block of a layer that is told nothing else.
  func block(for layer: StateLayer) -> BlockConfiguration {
    var block = BlockConfiguration()
    switch layer.kind {
    case .recurrent(let number): return configuration(of: levels[number], merge: .concatenate)
    case .linear: block.dense = layer.outputs
    case .convolution(let width): (block.convolution, block.width) = (layer.outputs, width)
    case .layerNormalization: block.normalization = .layer
    case .batchNormalization: block.normalization = .batch
    case .vector: break
    }
    return block
  }
}
