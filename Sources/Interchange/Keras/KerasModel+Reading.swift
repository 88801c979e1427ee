import HDF5
import WeftBase

extension KerasModel {
  /// Reads a complete model or a file of weights, of Keras 2 or 3.
  init(reading path: String) throws(WeftError) {
    self = try InputFile.reading(path) { file in
      var model: KerasModel
      let budget = FileBudget(of: path)
      if try file.attributes.contains("model_config") {
        model = try KerasModel(whole: file, budget)
      } else if try file.attributes.contains("layer_names") {
        model = KerasModel(
          layers: try Self.layerNames(file.root, budget).map {
            try Self.layer($0, file.root, description: nil, budget)
          }, form: .orderedWeights)
      } else if try file.contains("layers") {
        model = KerasModel(layers: try Self.numberedLayers(file.group("layers"), budget), form: .weights)
      } else if try file.contains("_layer_checkpoint_dependencies") {
        model = KerasModel(
          layers: try Self.numberedLayers(file.group("_layer_checkpoint_dependencies"), budget),
          form: .weights)
      } else {
        throw WeftError.model(
          "\(path): is not a Keras model: it has neither 'model_config' nor weight groups")
      }
      model.metadata = try file.metadataEntries
      if try file.attributes.contains("training_config") {
        let text = try file.attributes.value("training_config", as: String.self)
        model.training = KerasTraining.settings(JSONValue(parsing: text.utf8))
      }
      if try file.attributes.contains("keras_version") {
        let version = try file.attributes.value("keras_version", as: String.self)
        model.version = version.split(separator: ".").first.flatMap { Int($0) }
      }
      return model
    }
  }

  private init(whole file: File, _ budget: FileBudget) throws {
    let text = try file.attributes.value("model_config", as: String.self)
    guard let description = JSONValue(parsing: text.utf8) else {
      throw WeftError.model("\(file.path): attribute 'model_config': invalid JSON")
    }
    let weights = try file.group("model_weights")
    let names = try Set(Self.layerNames(weights, budget))
    let architecture = try KerasArchitecture(description, file: file.path)
    inputs = architecture.inputs
    // A layer can be in several branches.
    var known: [[String]: [KerasLayer.Part]] = [:]
    func read(_ layer: KerasLayer) throws -> KerasLayer {
      guard names.contains(layer.owners.first ?? layer.name) else { return layer }
      var result = layer
      if let parts = known[layer.owners + [layer.name]] {
        result.parts = parts
      } else {
        result = try Self.layer(layer.name, weights, description: layer, budget)
        known[layer.owners + [layer.name]] = result.parts
      }
      return result
    }
    layers = try architecture.layers.withWeights(read)
    decoder = try architecture.decoder.withWeights(read)
  }

  private static func layerNames(_ group: Group, _ budget: FileBudget) throws -> [String] {
    try names("layer_names", of: group, budget)
  }

  /// A list of names; Keras cuts it where it would be too long for one attribute, and h5py takes an empty one for
  /// numbers.
  private static func names(_ name: String, of group: Group, _ budget: FileBudget) throws -> [String] {
    let attributes = group.attributes
    var result: [String] = []
    if let attribute = try attributes.all.first(where: { $0.name == name }) {
      if attribute.dataspace.elementCount != 0 { result = try attributes.values(name, as: String.self) }
    } else {
      for number in 0... {
        guard try attributes.contains("\(name)\(number)") else { break }
        result += try attributes.values("\(name)\(number)", as: String.self)
      }
    }
    var known: Set<String> = []
    if let twice = result.first(where: { !known.insert($0).inserted }) {
      throw WeftError.model("\(budget.path): \(group.path): attribute '\(name)' names '\(twice)' twice")
    }
    return result
  }

  /// A layer whose variables are listed by name.
  private static func layer(
    _ name: String, _ weights: Group, description: KerasLayer?, _ budget: FileBudget
  ) throws -> KerasLayer {
    try budget.take(objects: 1)
    // Variables of a model inside the model are in one group, and their names contain those of its layers.
    let owners = description?.owners ?? []
    let group = try weights.group(owners.first ?? name)
    let variables = try names("weight_names", of: group, budget).filter { path in
      owners.isEmpty || path.split(separator: "/").contains { $0 == name }
    }.map { path in
      // Keras 2 writes kernel:0.
      let last = path.split(separator: "/").last.map { $0.prefix { $0 != ":" } } ?? ""
      return KerasLayer.Variable(
        name: String(last), array: try StateDictionary.Array(group.dataset(path), budget))
    }
    var layer = description ?? KerasLayer(className: nil, name: name)
    layer.parts = [KerasLayer.Part(path: "", variables: variables)]
    return layer
  }

  /// Layers whose variables are numbered. A name contains the class and the number of preceding layers of that class;
  /// the order of classes is not known.
  private static func numberedLayers(_ group: Group, _ budget: FileBudget) throws -> [KerasLayer] {
    let names = try group.children.filter(\.isGroup).map(\.name).sorted { $0.isNaturallyBefore($1) }
    try budget.take(objects: names.count)
    return try names.map { name in
      var layer = KerasLayer(className: nil, name: name, parts: try parts(name, in: group, budget))
      var count = 0
      // The states of random numbers are no weights.
      try group.group(name).visit { visit in
        if visit.child.isDataset, !visit.child.path.contains("seed_generator") { count += 1 }
      }
      layer.hasOtherWeights = count != layer.variables.count
      return layer
    }
  }

  /// The variables of a layer, which are numbered.
  static func parts(_ name: String, in group: Group, _ budget: FileBudget) throws -> [KerasLayer.Part] {
    var parts: [KerasLayer.Part] = []
    var paths = ["", "cell", "forward_layer/cell", "backward_layer/cell", "layer"]
    if try group.contains("\(name)/cell/cells") {
      paths += try group.group("\(name)/cell/cells").children.map { "cell/cells/\($0.name)" }
        .sorted { $0.isNaturallyBefore($1) }
      try budget.take(objects: paths.count)
    }
    for path in paths {
      let place = (path.isEmpty ? [] : [path]) + ["vars"]
      let whole = ([name] + place).joined(separator: "/")
      guard try group.contains(whole) else { continue }
      let variables = try group.group(whole)
      let count = try variables.children.count { $0.isDataset }
      let names = count > 0 && path.contains("cell") ? ["kernel", "recurrent_kernel", "bias"] : []
      parts.append(
        KerasLayer.Part(
          path: path,
          variables: try (0..<count).map { number in
            KerasLayer.Variable(
              name: number < names.count ? names[number] : String(number),
              array: try StateDictionary.Array(variables.dataset(String(number)), budget))
          }))
    }
    return parts
  }
}
