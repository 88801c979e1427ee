import WeftBase

/// The chain of layers that a `model_config` describes, with those of models inside the model in their places.
struct KerasArchitecture {
  /// From the input up, without weights.
  private(set) var layers: [KerasLayer]

  /// - Parameter file: For errors.
  /// - Throws: If the model is not a single chain of layers; the message also names layers that are not supported.
  init(_ description: JSONValue, file: String) throws(WeftError) {
    layers = try Self.layers(of: description, owners: [], prefix: "", file: file)
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
      do { chain = try Self.chain(config, all, file: file) } catch {
        var obstacles = Obstacles(file: file)
        obstacles.add(error)
        for layer in all { obstacles.collect { () throws(WeftError) in try layer.checkClass(file: file) } }
        try obstacles.check()
        throw error
      }
    case let name:
      throw .model(
        "\(file): unsupported model class \(name ?? "unknown"); expected Sequential or Functional, with a"
          + " single chain of layers")
    }
    var result: [KerasLayer] = []
    for layer in chain {
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

  private static let maximumDepth = 8

  private static func layer(_ description: JSONValue) -> KerasLayer {
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

  /// A tensor that a layer reads.
  private struct Source {
    var layer: String
    /// Which of the layer's outputs.
    var tensor: Int
  }

  /// Follows the layers back from the output.
  private static func chain(
    _ config: JSONValue?, _ all: [KerasLayer], file: String
  ) throws(WeftError) -> [KerasLayer] {
    let known = Dictionary(all.map { ($0.name, $0) }) { first, _ in first }
    var descriptions: [String: JSONValue] = [:]
    for description in config?["layers"]?.list ?? [] {
      descriptions[description["name"]?.text ?? layer(description).name] = description
    }
    var next = sources(config?["output_layers"] ?? .null)
    var result: [KerasLayer] = []
    while true {
      guard next.count == 1, let source = next.first, let description = descriptions[source.layer],
        result.count <= descriptions.count
      else {
        throw .model(
          "\(file): its layers are not a single chain from one input to one output"
            + (result.last.map { ": see '\($0.name)'" } ?? ""))
      }
      let described = layer(description)
      var layer = known[described.name] ?? described
      try select(source.tensor, of: &layer, file: file)
      result.append(layer)
      let nodes = description["inbound_nodes"]?.list ?? []
      if nodes.isEmpty { return result.reversed() }
      guard nodes.count == 1 else {
        throw .model("\(file): layer '\(source.layer)' is used in \(nodes.count) places")
      }
      for (argument, value) in keywords(of: nodes[0]) where argument != "mask" {
        guard let other = sources(value).first else { continue }
        throw .model(
          "\(file): layer '\(source.layer)': takes \(argument) from '\(other.layer)', which is not supported")
      }
      next = sources(nodes[0])
    }
  }

  /// Makes a layer give the output that another reads: the first, or the state after the last step, which is the output
  /// of a layer without return_sequences.
  private static func select(_ tensor: Int, of layer: inout KerasLayer, file: String) throws(WeftError) {
    if tensor == 0 { return }
    guard tensor == 1, ["LSTM", "GRU", "SimpleRNN"].contains(layer.className),
      layer.config["return_state"]?.bool == true
    else {
      throw .model(
        "\(file): layer '\(layer.name)': its output number \(tensor + 1) is read, which is not supported")
    }
    layer.config["return_sequences"] = false
  }

  /// The tensors that a description refers to: `[name, node, tensor, …]` (Keras 2) or an object with a `keras_history`
  /// (Keras 3), of positional arguments alone.
  private static func sources(_ value: JSONValue) -> [Source] {
    switch value {
    case .list(let items):
      if let source = source(items) { return [source] }
      return items.flatMap(sources)
    case .object:
      if let history = value["config"]?["keras_history"]?.list { return source(history).map { [$0] } ?? [] }
      return value["args"].map(sources) ?? []
    default: return []
    }
  }

  private static func source(_ items: [JSONValue]) -> Source? {
    guard items.count >= 3, let name = items[0].text, items[1].integer != nil, let tensor = items[2].integer
    else { return nil }
    return Source(layer: name, tensor: tensor)
  }

  /// The keyword arguments of a call.
  private static func keywords(of node: JSONValue) -> [String: JSONValue] {
    if let keywords = node["kwargs"]?.members { return keywords }
    var result: [String: JSONValue] = [:]
    for call in node.list ?? [] {
      guard let items = call.list, items.count >= 4, let members = items[3].members else { continue }
      result.merge(members) { $1 }
    }
    return result
  }
}
