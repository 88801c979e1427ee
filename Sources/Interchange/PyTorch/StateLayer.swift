import WeftLayers

/// A layer of a state dictionary, as its names and the shapes of its weights describe it.
struct StateLayer: Equatable {
  enum Kind: Equatable {
    /// A layer of a recurrent module, by its number among all of the file.
    case recurrent(Int)
    case linear
    case convolution(width: Int)
    case layerNormalization, batchNormalization
    /// A parameter of one row or column, such as the scores of an attention.
    case vector
  }

  var kind: Kind
  /// Its module's name.
  var name: String
  /// Features that it reads and gives.
  var inputs: Int
  var outputs: Int
  /// Whether the next layer of the same recurrent module reads its states.
  var isContinued = false

  var isRecurrent: Bool { if case .recurrent = kind { true } else { false } }
  var isNormalization: Bool { kind == .layerNormalization || kind == .batchNormalization }
  /// The module's name, or what a module without a name is.
  var title: String { name.isEmpty ? "the recurrent module" : name }
}

/// A recurrent layer in one or both directions, and the module that it belongs to.
struct StateLevel {
  var module: String
  var layers: [RecurrentWeights]

  var outputs: Int { layers.reduce(0) { $0 + $1.hidden } }
}

extension StateDictionary {
  /// The layers of the file, in its order or, where it tells none, of their names.
  ///
  /// - Parameters:
  ///   - levels: The recurrent layers.
  ///   - rest: The other arrays.
  ///   - hasVectors: Whether parameters of one row or column are layers.
  func layers(_ levels: [StateLevel], _ rest: [String: Array], hasVectors: Bool = false) -> [StateLayer] {
    var found: [(layer: StateLayer, array: String)] = []
    for (number, level) in levels.enumerated() {
      let isContinued = number + 1 < levels.count && levels[number + 1].module == level.module
      found.append(
        (
          StateLayer(
            kind: .recurrent(number), name: String(level.module.dropLast()), inputs: level.layers[0].inputs,
            outputs: level.outputs, isContinued: isContinued), "\(level.module)weight_ih_l0"
        ))
    }
    for (name, array) in rest {
      if hasVectors, Self.isVector(name, array) {
        found.append((StateLayer(kind: .vector, name: name, inputs: array.values.count, outputs: 1), name))
        continue
      }
      guard let (stem, kind) = Self.layer(of: name, array, rest), !array.values.isEmpty else { continue }
      let shape = array.shape
      found.append(
        (
          StateLayer(
            kind: kind, name: stem, inputs: shape.count > 1 ? shape[1] : shape[0], outputs: shape[0]), name
        ))
    }
    let places = Dictionary(order.enumerated().map { ($1, $0) }) { first, _ in first }
    let isOrdered = found.allSatisfy { places[$0.array] != nil }
    func rank(_ layer: StateLayer) -> Int {
      switch layer.kind {
      case .convolution: 0
      case .recurrent: 1
      case .layerNormalization, .batchNormalization: 2
      case .linear: 3
      case .vector: 4
      }
    }
    return found.enumerated().sorted { first, second in
      let (a, b) = (first.element, second.element)
      if isOrdered, a.array != b.array { return places[a.array] ?? 0 < places[b.array] ?? 0 }
      if rank(a.layer) != rank(b.layer) { return rank(a.layer) < rank(b.layer) }
      // The layers of one module, and modules, have their order already.
      if a.layer.isRecurrent { return first.offset < second.offset }
      if a.layer.name.isNaturallyBefore(b.layer.name) { return true }
      return !b.layer.name.isNaturallyBefore(a.layer.name) && a.layer.name < b.layer.name
    }.map(\.element.layer)
  }

  /// Whether an array is a parameter of its own of one row or column.
  private static func isVector(_ name: String, _ array: Array) -> Bool {
    let parts = ["weight", "bias", "running_mean", "running_var"]
    return array.values.count > 1 && array.shape.filter({ $0 != 1 }).count == 1
      && !parts.contains { name.hasLastComponent($0) }
  }

  /// The module and type of the layer whose main array this is; nil if it is none.
  private static func layer(
    of name: String, _ array: Array, _ rest: [String: Array]
  ) -> (String, StateLayer.Kind)? {
    if name.hasLastComponent("running_mean"), array.shape.count == 1 {
      let stem = name.dropLast("running_mean".count)
      guard rest[stem + "running_var"] != nil else { return nil }
      return (String(stem.dropLast()), .batchNormalization)
    }
    guard name.hasLastComponent("weight") else { return nil }
    let stem = name.dropLast("weight".count)
    let module = String(stem.dropLast())
    switch array.shape.count {
    case 1:
      guard rest[stem + "running_mean"] == nil else { return nil }
      // The slopes of nn.PReLU and the factors of nn.RMSNorm have no biases.
      let isNormalization = rest[stem + "bias"]?.shape == array.shape || module.isOfLayerNormalization
      return isNormalization && !module.isOfOtherNormalization ? (module, .layerNormalization) : nil
    case 2: return (module, .linear)
    case 3: return (module, .convolution(width: array.shape[2]))
    default: return nil
    }
  }
}

extension String {
  /// Whether a module is named as a layer normalization.
  fileprivate var isOfLayerNormalization: Bool {
    let name = lowercased()
    return ["layernorm", "layer_norm"].contains(where: name.contains)
      || name.split(separator: ".").last == "ln"
  }

  /// Whether a module is named as a normalization of another kind.
  fileprivate var isOfOtherNormalization: Bool {
    let name = lowercased()
    return ["rms", "group", "instance"].contains(where: name.contains)
  }
}
