import WeftBase

/// The chain of layers that a `model_config` describes.
struct KerasArchitecture {
  /// From the input up, without weights.
  let layers: [KerasLayer]

  /// - Parameter file: For errors.
  /// - Throws: If the model is not a single chain of layers.
  init(_ description: JSONValue, file: String) throws(WeftError) {
    let config = description["config"]
    switch description["class_name"]?.text {
    case "Sequential":
      // Keras 2.2 and earlier stored the list directly.
      let descriptions = config?.list ?? config?["layers"]?.list ?? []
      layers = descriptions.map(Self.layer)
    case "Functional", "Model":
      layers = try Self.chain(config, file: file)
    case let name:
      throw .failure(
        "\(file): unsupported model class \(name ?? "unknown"); expected Sequential or Functional, with a"
          + " single chain of layers")
    }
  }

  private static func layer(_ description: JSONValue) -> KerasLayer {
    let config = description["config"]
    return KerasLayer(
      className: description["class_name"]?.text,
      name: config?["name"]?.text ?? description["name"]?.text ?? "", config: config?.members ?? [:])
  }

  /// Follows the layers back from the output. Other nodes, such as mask computations, are ignored.
  private static func chain(_ config: JSONValue?, file: String) throws(WeftError) -> [KerasLayer] {
    var descriptions: [String: JSONValue] = [:]
    for description in config?["layers"]?.list ?? [] {
      descriptions[description["name"]?.text ?? layer(description).name] = description
    }
    var next = sources(config?["output_layers"] ?? .null)
    var result: [KerasLayer] = []
    while true {
      guard next.count == 1, let description = descriptions[next[0]], result.count <= descriptions.count
      else {
        throw .failure(
          "\(file): its layers are not a single chain from one input to one output"
            + (result.last.map { ": see '\($0.name)'" } ?? ""))
      }
      result.append(layer(description))
      let nodes = description["inbound_nodes"]?.list ?? []
      if nodes.isEmpty { return result.reversed() }
      guard nodes.count == 1 else {
        throw .failure("\(file): layer '\(next[0])' is used in \(nodes.count) places")
      }
      next = sources(nodes[0])
    }
  }

  /// The layers whose outputs a description refers to: `[name, node, tensor, …]` (Keras 2) or an object with a
  /// `keras_history` (Keras 3), of positional arguments alone.
  private static func sources(_ value: JSONValue) -> [String] {
    switch value {
    case .list(let items):
      if let name = items.first?.text, items.count >= 3, items[1].integer != nil { return [name] }
      return items.flatMap(sources)
    case .object:
      if let name = value["config"]?["keras_history"]?.list?.first?.text { return [name] }
      return value["args"].map(sources) ?? []
    default: return []
    }
  }
}
