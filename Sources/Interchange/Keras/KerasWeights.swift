import WeftBase

/// The layers of a file of weights alone, which tells their sizes, but neither what lies between them nor, in Keras 3's
/// files, the order of different classes.
struct KerasWeights {
  /// Layers with weights: in the order of the network, or, within a class, in that of their numbers.
  private(set) var items: [Item] = []
  /// Names of layers without weights that can change what the network computes.
  private(set) var others: [String] = []
  /// The layer that masks padding, if there is one.
  private(set) var mask: KerasLayer?
  let isOrdered: Bool

  enum Kind {
    case embedding, recurrent, dense, convolution, batchNormalization, layerNormalization
  }

  /// A layer with its sizes.
  struct Item {
    var layer: KerasLayer
    var kind: Kind
    /// Features that it reads; nil for an embedding.
    var inputs: Int?
    /// Features of its outputs; of a layer in both directions, side by side.
    var outputs: Int
    /// Gates of a recurrent layer.
    var gates = 0
    /// Whether it reads in both directions.
    var isBidirectional: Bool { kind == .recurrent && layer.variables.count > 3 }
    /// Layers of one class are in order.
    var stem: String { layer.stem }
  }

  /// - Throws: If a layer has weights that are not known.
  init(_ layers: [KerasLayer], isOrdered: Bool, file: String) throws(WeftError) {
    self.isOrdered = isOrdered
    var obstacles = Obstacles(file: file)
    for layer in layers {
      if layer.variables.isEmpty, !layer.hasOtherWeights {
        if layer.stem.contains("mask") { mask = layer }
        if !layer.isWithoutEffect { others.append(layer.name) }
      } else if !layer.hasOtherWeights, let item = Self.item(layer) {
        items.append(item)
      } else {
        obstacles.add(
          .model(
            "\(file): layer '\(layer.name)': a file of weights does not say what it computes; save the whole model"
              + " (model.save)"))
      }
    }
    try obstacles.check()
  }

  private static func item(_ layer: KerasLayer) -> Item? {
    let shapes = layer.variables.map(\.array.shape)
    let first = shapes[0]
    if layer.stem.contains("separable") || layer.stem.contains("depthwise") { return nil }
    if layer.hasCells {
      guard first.count == 2, shapes[1].count == 2, let units = shapes[1].first, shapes.count <= 6 else {
        return nil
      }
      return Item(
        layer: layer, kind: .recurrent, inputs: first[0], outputs: shapes.count > 3 ? 2 * units : units,
        gates: first[1] / max(units, 1))
    }
    if first.count == 3, shapes.count <= 2 {
      return Item(layer: layer, kind: .convolution, inputs: first[1], outputs: first[2])
    }
    if first.count == 2 {
      let isEmbedding = layer.variables[0].name == "embeddings" || layer.stem.contains("embedding")
      if isEmbedding, shapes.count == 1 { return Item(layer: layer, kind: .embedding, outputs: first[1]) }
      return shapes.count <= 2
        ? Item(layer: layer, kind: .dense, inputs: first[0], outputs: first[1]) : nil
    }
    guard shapes.allSatisfy({ $0 == first }), first.count == 1 else { return nil }
    let kinds: [Int: Kind] = [2: .layerNormalization, 4: .batchNormalization]
    return kinds[shapes.count].map { Item(layer: layer, kind: $0, inputs: first[0], outputs: first[0]) }
  }

  /// Takes the next layer of a kind: of several classes, the first that matches.
  ///
  /// - Returns: The layer; nil if there is none, or one of another kind comes first.
  mutating func take(_ kind: Kind, where matches: (Item) -> Bool) -> Item? {
    var heads = isOrdered ? Array(items.indices.prefix(1)) : []
    if !isOrdered {
      var stems: Set<String> = []
      heads = items.indices.filter { stems.insert(items[$0].stem).inserted }
    }
    heads = heads.filter { items[$0].kind == kind }
    guard let index = heads.first(where: { matches(items[$0]) }) ?? heads.first else { return nil }
    return items.remove(at: index)
  }

  /// The layers in an order in which each reads as many features as the one before it has, with those in front that
  /// most networks have in front.
  ///
  /// - Returns: The order, and whether it is the only one; nil if there is none, or there are too many to try.
  func arranged() -> (items: [Item], isOnly: Bool)? {
    if isOrdered { return (items, true) }
    var queues: [ArraySlice<Item>] = []
    for item in items {
      if let index = queues.firstIndex(where: { $0.first?.stem == item.stem }) {
        queues[index].append(item)
      } else {
        queues.append([item])
      }
    }
    let ranks: [Kind: Int] = [
      .embedding: 0, .convolution: 1, .batchNormalization: 2, .recurrent: 3, .layerNormalization: 4,
      .dense: 5,
    ]
    func rank(_ queue: ArraySlice<Item>) -> Int { queue.first.flatMap { ranks[$0.kind] } ?? 0 }
    queues.sort { rank($0) < rank($1) }
    // A dense layer is the output, where one fits.
    for endsInDense in items.contains(where: { $0.kind == .dense }) ? [true, false] : [false] {
      var search = Search(
        count: items.count, endsInDense: endsInDense, hasFlatten: others.contains { $0.hasPrefix("flatten") })
      search.extend([], queues)
      if let first = search.found.first { return (first, search.isComplete && search.found.count == 1) }
    }
    return nil
  }

  /// A search for orders.
  private struct Search {
    let count: Int
    let endsInDense: Bool
    /// Whether a dense layer can read several steps.
    let hasFlatten: Bool
    var found: [[Item]] = []
    var trials = 0

    private static let maximumTrials = 20_000
    var isComplete: Bool { trials < Self.maximumTrials }

    mutating func extend(_ start: [Item], _ rest: [ArraySlice<Item>]) {
      trials += 1
      if start.count == count, !endsInDense || start.last?.kind == .dense { found.append(start) }
      for index in rest.indices where found.count < 2 && isComplete {
        guard let next = rest[index].first else { continue }
        if let last = start.last, !reads(next, last) { continue }
        var rest = rest
        rest[index].removeFirst()
        extend(start + [next], rest)
      }
    }

    private func reads(_ next: Item, _ last: Item) -> Bool {
      guard let inputs = next.inputs, last.outputs > 0 else { return false }
      if inputs == last.outputs || (last.isBidirectional && 2 * inputs == last.outputs) { return true }
      return hasFlatten && next.kind == .dense && inputs % last.outputs == 0
    }
  }
}

extension KerasLayer {
  /// The name without its number, which in Keras 3's files of weights is that of the class.
  var stem: String { name.replacing(/_\d+$/, with: "") }

  /// Whether its weights are those of cells.
  fileprivate var hasCells: Bool {
    let names = variables.map(\.name)
    return names.contains("recurrent_kernel") && names.count >= 2
  }

  /// Whether a layer without weights changes nothing in a trained network, by its name.
  fileprivate var isWithoutEffect: Bool {
    ["input", "drop", "noise", "regularization", "mask", "top_level_model"].contains { stem.contains($0) }
  }
}
