import WeftBase

/// The chain of layers that a `model_config` describes, with those of models inside the model in their places.
struct KerasArchitecture {
  /// From the input up, without weights.
  private(set) var layers: [KerasLayer]
  /// The input layers of a Functional model.
  private(set) var inputs: [KerasLayer] = []

  /// - Parameter file: For errors.
  /// - Throws: If the model is not a single chain of layers; the message also names layers that are not supported.
  init(_ description: JSONValue, file: String) throws(WeftError) {
    layers = try Self.layers(of: description, owners: [], prefix: "", file: file)
    guard let config = description["config"], config["layers"] != nil, description["class_name"] != "Sequential"
    else { return }
    let all = (config["layers"]?.list ?? []).map(Self.layer)
    inputs = KerasGraph(config, all, file: file).inputLayers
  }

  /// The layers of a model.
  ///
  /// - Parameters:
  ///   - owners: Names of the models around it, from the outermost in.
  ///   - prefix: Path of its layers in Keras 3's files of weights.
  private static func layers(
    of model: JSONValue, owners: [String], prefix: String, file: String
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
      do { chain = try KerasGraph(config, all, file: file).chain() } catch {
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
