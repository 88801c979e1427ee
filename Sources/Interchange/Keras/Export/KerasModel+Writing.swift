import HDF5
import WeftBase

extension KerasModel {
  /// The Keras version of this layout; readers check only the major version.
  static let version = "3.0.0"
  private static let backend = "tensorflow"

  /// Writes a complete model for `keras.models.load_model`: root attributes describe the layers, and groups of
  /// `/model_weights` contain their variables.
  func write(model path: String) throws(WeftError) {
    try OutputFile.replace(path) { file in
      try file.attributes.set("keras_version", to: Self.version)
      try file.attributes.set("backend", to: Self.backend)
      try file.attributes.set("model_config", to: architecture.document)
      try file.setMetadata(metadata)
      let weights = try file.createGroup("model_weights")
      let computing = layers.filter { $0.className != "InputLayer" }
      try weights.attributes.set("layer_names", to: computing.map(\.name))
      try weights.attributes.set("keras_version", to: Self.version)
      try weights.attributes.set("backend", to: Self.backend)
      for layer in computing {
        let group = try weights.createGroup(layer.name)
        var names: [String] = []
        for part in layer.parts {
          for variable in part.variables {
            let name = [layer.name, part.path, variable.name].filter { !$0.isEmpty }.joined(separator: "/")
            try group.write(name, variable.array.values, shape: variable.array.shape)
            names.append(name)
          }
        }
        try group.attributes.set("weight_names", to: names)
      }
      let top = try weights.createGroup("top_level_model_weights")
      try top.attributes.set("weight_names", to: [String]())
    }
  }

  /// Writes weights for `model.load_weights`, in the layout of Keras 3: the variables of the n-th layer of a class, by
  /// number, in `/layers/CLASS_n/…/vars`.
  ///
  /// - Throws: If layers have several inputs, because their order then depends on the program that loads them.
  func write(weights path: String) throws(WeftError) {
    guard !isGraph else {
      throw .model(
        "\(path): weights alone cannot be loaded into a model with residual or highway connections or attention; export"
          + " to keras")
    }
    try OutputFile.replace(path) { file in try write(weightsTo: file, layers: layers) }
  }

  /// - Parameter layers: In the order that numbers those of a class.
  func write(weightsTo file: File, layers: [KerasLayer]) throws {
    try file.createGroup("vars")
    try file.setMetadata(metadata)
    var counts: [String: Int] = [:]
    for layer in layers where layer.className != "InputLayer" {
      let stem = KerasModelBuilder.snakeCase(layer.className ?? "")
      let number = counts[stem, default: 0]
      counts[stem] = number + 1
      let own = number == 0 ? stem : "\(stem)_\(number)"
      try file.createGroup("layers/\(own)/vars").attributes.set("name", to: layer.name)
      for part in layer.parts {
        let place = ["layers", own, part.path, "vars"].filter { !$0.isEmpty }.joined(separator: "/")
        let group = try file.requireGroup(place)
        for (number, variable) in part.variables.enumerated() {
          try group.write(String(number), variable.array.values, shape: variable.array.shape)
        }
      }
    }
  }

  /// Whether layers read others than the one before them.
  var isGraph: Bool { layers.contains { !$0.inputs.isEmpty } }

  /// `model_config`, in terms that Keras 2 and 3 both understand.
  var architecture: JSONValue {
    let previous = [""] + layers.map(\.name)
    let described: [JSONValue] = zip(layers, previous).map { layer, previous in
      let config = layer.config.merging(["name": .text(layer.name)]) { $1 }
      var description: [String: JSONValue] = [
        "class_name": .text(layer.className ?? ""), "config": .object(config),
      ]
      if isGraph {
        let isInput = layer.className == "InputLayer"
        let inputs = layer.inputs.isEmpty ? [previous].filter { !$0.isEmpty && !isInput } : layer.inputs
        description["name"] = .text(layer.name)
        description["inbound_nodes"] =
          inputs.isEmpty ? [] : [.list(inputs.map { [.text($0), 0, 0, .object([:])] })]
      }
      return .object(description)
    }
    var config: [String: JSONValue] = ["name": "weft", "layers": .list(described)]
    if isGraph {
      config["input_layers"] = .list(
        layers.filter { $0.className == "InputLayer" }.map { [.text($0.name), 0, 0] })
      config["output_layers"] = [[.text(layers[layers.count - 1].name), 0, 0]]
    }
    return ["class_name": isGraph ? "Functional" : "Sequential", "config": .object(config)]
  }
}
