import WeftBase
import WeftLayers

/// What a user tells of the network that a state dictionary belongs to: its blocks.
extension StateNetworkReader {
  /// Takes the network whose blocks the user names.
  ///
  /// Each block takes a layer of its type and size, in the order of the file where several fit.
  /// - Throws: If a block is not in the file, or has other sizes there.
  mutating func takeTold(_ told: [BlockConfiguration]) throws(WeftError) -> NetworkDescription {
    for (number, block) in told.enumerated() {
      for part in block.flattened { try check(part, number) }
    }
    let ordered = Self.flat(told)
    var best: (search: LayerSearch, slots: [LayerSearch.Slot])?
    for embedding in embeddings.map(Optional.some) + [nil] {
      let layers = layers(without: embedding)
      var search = LayerSearch(layers)
      let slots = ordered.map { slot($0, layers) }
      let columns = embedding.flatMap { rest[Self.weight(of: $0)]?.shape[1] }
      let fillings = search.fillings(slots, from: columns, limit: 2)
      if let first = fillings.first {
        return try takeTold(ordered, first, layers, embedding, isAmbiguous: fillings.count > 1)
      }
      if best.map({ $0.search.longest.layers.count < search.longest.layers.count }) ?? true {
        best = (search, slots)
      }
    }
    guard let best else { preconditionFailure("there is a search without an embedding") }
    throw refusal(ordered, best.search)
  }

  private mutating func takeTold(
    _ ordered: [PlacedBlock], _ filling: LayerSearch.Filling,
    _ layers: [StateLayer], _ embedding: String?, isAmbiguous: Bool
  ) throws(WeftError) -> NetworkDescription {
    var placed = ordered
    for (place, numbers) in filling.layers.enumerated() {
      placed[place].layers = numbers.map { layers[$0] }
    }
    let output = filling.output.map { layers[$0] }
    noteTold(placed, output, embedding, isAmbiguous: isAmbiguous)
    let table = try takeEmbedding(embedding)
    let taken = try take(placed, output: output)
    let inputs = placed.lazy.flatMap(\.layers).first?.inputs ?? output?.inputs ?? 0
    var network = NetworkDescription(
      input: table.map { .tokens($0.rows) } ?? .features(inputs), embedding: table, blocks: taken.blocks,
      output: taken.output)
    if let columns = table?.columns, columns != inputs { network.input = .features(inputs) }
    return network
  }

  /// Blocks with those of their branches, from the input up, without layers yet.
  private static func flat(_ blocks: [BlockConfiguration], in outer: Int? = nil) -> [PlacedBlock] {
    BlockConfiguration.poolingFirst(blocks).flatMap { place -> [PlacedBlock] in
      let number = outer ?? place.number
      guard !place.block.branches.isEmpty else { return [PlacedBlock(number: number, block: place.block)] }
      let parts = place.block.branches.map { flat($0, in: number) }
      func mark(_ branching: LayerSearch.Branching) -> [PlacedBlock] {
        [PlacedBlock(number: number, block: place.block, branching: branching)]
      }
      return mark(.begin) + parts.joined(separator: mark(.next)) + mark(.end(place.block.merge))
    }
  }

  /// - Throws: If a block cannot be taken from a state dictionary, whatever it contains.
  private func check(_ block: BlockConfiguration, _ number: Int) throws(WeftError) {
    func refuse(_ complaint: String) -> WeftError {
      self.refuse("model.blocks: block \(number + 1): \(complaint)")
    }
    if block.isResidual || block.isHighway { throw refuse("'residual' and 'highway' are not supported here") }
    if block.dropout != nil || block.recurrentDropout != nil {
      throw refuse(
        "dropout is not in a state dictionary, and has no effect in a trained network: leave it out")
    }
    // Weft and Keras begin windows at a step that depends on the number of steps; PyTorch at a fixed one.
    guard block.padding == .same, block.stride > 1, let width = block.width, !isOwn else { return }
    if block.convolution != nil, width > 1 {
      throw refuse(
        "'padding: same' with a stride begins its windows at another step than nn.Conv1d; of"
          + " nn.Conv1d(padding=(width - 1) / 2, stride=\(block.stride)), name the convolution without the stride, and after"
          + " it {pooling: maximum, width: 1, stride: \(block.stride), padding: valid}, which leaves out steps; of padding=0, 'padding:"
          + " valid'")
    }
    if block.pooling != nil, width > 2 {
      throw refuse(
        "'padding: same' with a stride begins its windows at another step than the pooling of PyTorch; of that,"
          + " 'padding: valid' (padding=0) is supported")
    }
  }

  /// The layers that a block may be made of.
  private func slot(_ place: PlacedBlock, _ layers: [StateLayer]) -> LayerSearch.Slot {
    let block = place.block
    if let branching = place.branching { return .init(branching: branching) }
    func matching(_ isFit: (StateLayer) -> Bool) -> [[Int]] {
      layers.indices.filter { isFit(layers[$0]) }.map { [$0] }
    }
    func outputs(_ layer: StateLayer) -> Int {
      BlockConfiguration.size(of: [block], inputs: layer.inputs).outputs
    }
    if block.cell != nil {
      return .init(
        candidates: matching { layer in
          guard case .recurrent(let number) = layer.kind else { return false }
          return configuration(of: levels[number], merge: block.merge) == block
        }, outputs: outputs)
    }
    if let units = block.dense {
      return .init(
        candidates: matching { $0.kind == .linear && $0.outputs == units }, outputs: outputs)
    }
    if let filters = block.convolution {
      let width = block.width ?? 1
      var slot = LayerSearch.Slot(
        candidates: matching { $0.kind == .convolution(width: width) && $0.outputs == filters },
        outputs: outputs)
      // A linear layer that reads all steps side by side.
      if block.padding == .valid, block.stride == 1, block.dilation == 1, width > 1 {
        slot.candidates? += matching {
          $0.kind == .linear && $0.outputs == filters && $0.inputs.isMultiple(of: width)
        }
        slot.inputs = { $0.kind == .linear ? $0.inputs / width : $0.inputs }
      }
      return slot
    }
    if let kind = block.normalization {
      return .init(
        candidates: matching { $0.kind == (kind == .batch ? .batchNormalization : .layerNormalization) },
        outputs: outputs)
    }
    if block.pool == .attention {
      var candidates = attentions(layers, size: block.size)
      // One linear layer computes the scores.
      if block.size == 1, block.activation == .linear {
        candidates += matching { $0.kind == .linear && $0.outputs == 1 && $0.name.isOfAttention }
        candidates += matching { $0.kind == .linear && $0.outputs == 1 && !$0.name.isOfAttention }
        candidates += matching { $0.kind == .vector }
      } else {
        candidates += matching { $0.kind == .vector && $0.inputs == block.size ?? $0.inputs }
      }
      return .init(candidates: candidates, outputs: outputs)
    }
    return .init()
  }

  /// Pairs of a projection and a score, as ``AttentionWeights`` has them.
  ///
  /// - Parameter size: Rows of the projection; nil for as many as columns.
  func attentions(_ layers: [StateLayer], size: Int?) -> [[Int]] {
    let linear = layers.indices.filter { layers[$0].kind == .linear }
    let scores = linear.filter { layers[$0].outputs == 1 }
    return linear.filter { layers[$0].outputs == size ?? layers[$0].inputs }.flatMap { projection in
      scores.filter { $0 != projection && layers[$0].inputs == layers[projection].outputs }
        .map { [projection, $0] }
    }
  }

  func configuration(of level: StateLevel, merge: DirectionMerge) -> BlockConfiguration {
    var recurrent = RecurrentLevel(level.layers)
    recurrent.merge = level.layers.count > 1 ? merge : .concatenate
    return NetworkBlock.recurrent(recurrent).configuration
  }

  /// Why the blocks are not those of the file: at the first that no layer fits.
  private func refusal(
    _ ordered: [PlacedBlock], _ search: LayerSearch
  ) -> WeftError {
    let reached = search.longest
    let place = reached.layers.count
    let used = Set(reached.layers.joined())
    let left = search.layers.indices.filter { !used.contains($0) }.map { search.layers[$0] }
    guard place < ordered.count else {
      let more = left.count { $0.isRecurrent }
      if more > 0 {
        return refuse("model.blocks: the file has \(more) more recurrent layer\(more == 1 ? "" : "s")")
      }
      return refusal(ofLeft: left, features: reached.features)
    }
    let (number, block) = (ordered[place].number, ordered[place].block)
    func mismatch(_ complaint: String) -> WeftError {
      refuse("model.blocks: block \(number + 1): \(complaint)")
    }
    let inputs = reached.features.map { "\($0) inputs and " } ?? ""
    if block.cell != nil {
      guard let next = left.first(where: \.isRecurrent), case .recurrent(let level) = next.kind else {
        return mismatch("the file has no more recurrent layers")
      }
      let found = configuration(of: levels[level], merge: block.merge)
      if found == block {
        return mismatch("follows \(reached.features ?? 0) features, but '\(next.title)' reads \(next.inputs)")
      }
      return mismatch("is '\(block.summary)', but the file has '\(found.summary)'")
    }
    if let units = block.dense {
      guard let next = left.first(where: { $0.kind == .linear }) else {
        return mismatch("the file has no more linear layers")
      }
      return mismatch(
        "has \(inputs)\(units) units, but '\(Self.weight(of: next.name))' has the shape"
          + " [\(next.outputs), \(next.inputs)]")
    }
    if block.convolution != nil {
      guard let next = left.first(where: { if case .convolution = $0.kind { true } else { false } }) else {
        return mismatch("the file has no more convolutions")
      }
      return mismatch(
        "is '\(block.summary)' of width \(block.width ?? 0), but '\(Self.weight(of: next.name))' has the shape"
          + " \(rest[Self.weight(of: next.name)]?.shape ?? [])")
    }
    if let kind = block.normalization {
      let wanted = kind == .batch ? StateLayer.Kind.batchNormalization : .layerNormalization
      guard let next = left.first(where: { $0.kind == wanted }) else {
        return mismatch("the file has no more \(kind.rawValue) normalizations")
      }
      return mismatch("follows \(reached.features ?? 0) features, but '\(next.title)' has \(next.inputs)")
    }
    return mismatch(
      "needs two linear layers, W and v of the scores v · f(W h + b): one of \(block.size ?? reached.features ?? 0)"
        + " units ('size'), and one of 1 unit that reads them; \(Self.scores(left))")
  }

  /// What the file has instead of attention as Weft computes it.
  private static func scores(_ left: [StateLayer]) -> String {
    guard let score = left.first(where: { $0.kind == .linear && $0.outputs == 1 && $0.name.isOfAttention })
    else {
      return "the file has none"
    }
    return "'\(score.title)' may compute the scores alone: {pool: attention, size: 1, activation: linear}"
  }
}
