import WeftBase

/// The chain of layers that a `model_config` describes, with those of models inside the model in their places.
struct KerasArchitecture {
  /// From the input up, without weights.
  private(set) var layers: [KerasLayer]
  /// The input layers of a Functional model.
  private(set) var inputs: [KerasLayer] = []
  /// The layers of the decoder, from its input up, of an encoder-decoder; the others are those of the encoder.
  private(set) var decoder: [KerasLayer] = []

  /// - Parameter file: For errors.
  /// - Throws: If the model is not a single chain of layers; the message also names layers that are not supported.
  init(_ description: JSONValue, file: String) throws(WeftError) {
    layers = try Self.layers(of: description, owners: [], prefix: "", file: file)
    let isSequential = description["class_name"] == "Sequential"
    if !isSequential, let config = description["config"], let descriptions = config["layers"]?.list {
      inputs = KerasGraph(config, descriptions.map(Self.layer), file: file).inputLayers
    }
    try findEncoder(of: description, file: file)
  }

  /// Takes the layers for those of a decoder, if they start from final states of others.
  private mutating func findEncoder(of description: JSONValue, file: String) throws(WeftError) {
    func refuse(_ layer: KerasLayer, _ complaint: String) -> WeftError {
      .model("\(file): layer '\(layer.name)': \(complaint)")
    }
    let deep = layers.flatMap(\.all).filter { !$0.initialStates.isEmpty }
    guard let first = deep.first else { return }
    if let inner = deep.first(where: { layer in
      !layer.owners.isEmpty || !layers.contains { $0.name == layer.name && $0.use == layer.use }
    }) {
      throw refuse(
        inner,
        "its initial state comes from '\(inner.initialStates[0].layer)', which is supported in the decoder of an"
          + " encoder-decoder alone")
    }
    var encoder: [KerasLayer] = []
    for state in Set(deep.flatMap(\.initialStates).map(\.layer)).sorted() {
      let chain = try Self.layers(
        of: description, end: KerasGraph.Tensor(layer: state, use: 0, number: 0), owners: [], prefix: "",
        file: file)
      guard let last = chain.last, KerasLayer.recurrentClasses.contains(last.className ?? ""),
        last.name == state
      else {
        throw refuse(
          first,
          "its initial state is the output of '\(state)'; supported are the final states of a recurrent layer"
        )
      }
      if chain.count > encoder.count { encoder = chain }
    }
    decoder = layers
    layers = encoder
    inputs = []
  }

  /// The layers of a model.
  ///
  /// - Parameters:
  ///   - end: Where they end; nil for the output.
  ///   - owners: Names of the models around it, from the outermost in.
  ///   - prefix: Path of its layers in Keras 3's files of weights.
  private static func layers(
    of model: JSONValue, end: KerasGraph.Tensor? = nil, owners: [String], prefix: String, file: String
  ) throws(WeftError) -> [KerasLayer] {
    let config = model["config"]
    // Keras 2.2 and earlier stored the list of a Sequential directly.
    let descriptions = config?.list ?? config?["layers"]?.list ?? []
    var all = descriptions.map(Self.layer)
    let names = weightNames(all)
    for index in all.indices {
      all[index].owners = owners
      all[index].place = prefix + (names[all[index].name] ?? "")
    }
    let chain: [KerasLayer]
    switch model["class_name"]?.text {
    case "Sequential": chain = all
    case "Functional", "Model":
      let graph = KerasGraph(config, all, file: file)
      do { chain = if let end { try graph.chain(to: end) } else { try graph.chain() } } catch {
        var obstacles = Obstacles(file: file)
        obstacles.add(error)
        for layer in all where !error.message.contains("layer '\(layer.name)': ") {
          obstacles.collect { () throws(WeftError) in try layer.checkClass(file: file) }
        }
        try obstacles.check()
        throw error
      }
    case let name:
      throw .model(
        "\(file): unsupported model class \(name ?? "unknown"); expected Sequential or Functional, with a"
          + " single chain of layers")
    }
    func expanded(_ chain: [KerasLayer]) throws(WeftError) -> [KerasLayer] {
      var result: [KerasLayer] = []
      for var layer in chain {
        for index in layer.branches.indices { layer.branches[index] = try expanded(layer.branches[index]) }
        guard KerasLayer.modelClasses.contains(layer.className ?? ""), owners.count < maximumDepth,
          let description = descriptions.first(where: { Self.layer($0).name == layer.name })
        else {
          result.append(layer)
          continue
        }
        result += try layers(
          of: description, owners: owners + [layer.name], prefix: layer.place + "/layers/", file: file)
      }
      return result
    }
    return try expanded(chain)
  }

  private static let maximumDepth = 8

  /// A layer by its description alone.
  static func layer(_ description: JSONValue) -> KerasLayer {
    let config = description["config"]
    return KerasLayer(
      className: description["class_name"]?.text,
      name: config?["name"]?.text ?? description["name"]?.text ?? "", config: config?.members ?? [:])
  }

  private static func weightNames(_ layers: [KerasLayer]) -> [String: String] {
    var counts: [String: Int] = [:]
    var names: [String: String] = [:]
    for layer in layers {
      let stem = (layer.className ?? "").replacing(/\W+/, with: "")
        .replacing(/(.)([A-Z][a-z]+)/) { "\($0.1)_\($0.2)" }
        .replacing(/([a-z])([A-Z])/) { "\($0.1)_\($0.2)" }.lowercased()
      let count = counts[stem, default: 0]
      counts[stem] = count + 1
      names[layer.name] = count == 0 ? stem : "\(stem)_\(count)"
    }
    return names
  }
}
