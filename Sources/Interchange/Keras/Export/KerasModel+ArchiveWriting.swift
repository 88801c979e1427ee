import Archives
import Foundation
import HDF5
import WeftBase

extension KerasModel {
  /// Writes a `.keras` archive of Keras 3: the description of the model, and its weights in HDF5.
  ///
  /// - Throws: If it cannot be written, or is larger than 4 GiB.
  func write(archive path: String) throws(WeftError) {
    let temporary = try TemporaryFile("weft-keras", purpose: path) { descriptor throws(WeftError) in
      do {
        let file = try File(creatingIn: descriptor, path: "\(path): \(Self.weightsMember)")
        try write(weightsTo: file, layers: isGraph ? loadedOrder : layers)
        try file.close()
      } catch { throw WeftError(error, in: path) }
    }
    defer { withExtendedLifetime(temporary) {} }
    // No date, so that the same network makes the same file.
    let metadata: JSONValue = ["keras_version": .text(Self.version)]
    let parts = try ZipArchive.parts(
      of: [
        (Self.versionMember, Data(metadata.document.utf8)),
        (Self.configurationMember, Data(archivedArchitecture.document.utf8)),
        (Self.weightsMember, InputFile.contents(temporary.path)),
      ], path: path)
    try OutputFile.replace(path, with: parts)
  }

  /// The description of the model, with the modules of its classes.
  private var archivedArchitecture: JSONValue {
    guard case .object(var root) = architecture, case .object(var config)? = root["config"],
      let layers = config["layers"]?.list
    else { preconditionFailure("an architecture is an object with layers") }
    config["layers"] = .list(
      layers.map { layer in
        guard case .object(var members) = layer else { return layer }
        members["module"] = "keras.layers"
        members["registered_name"] = .null
        return .object(members)
      })
    root["config"] = .object(config)
    root["module"] = isGraph ? "keras.src.models.functional" : "keras"
    root["registered_name"] = .null
    return .object(root)
  }

  /// The layers in the order in which Keras 3 has them after loading a graph, which numbers those of a class: the deepest
  /// below the output first, and of one depth in the order of a search from the output.
  private var loadedOrder: [KerasLayer] {
    let previous = [""] + layers.map(\.name)
    var sources: [String: [String]] = [:]
    for (layer, before) in zip(layers, previous) {
      sources[layer.name] =
        layer.className == "InputLayer" ? [] : layer.inputs.isEmpty ? [before] : layer.inputs
    }
    var places: [String: Int] = [:]
    var finished: [String] = []
    // Layers stand after those that they read, so that the search needs no stack of its own depth.
    var rest: [(name: String, isDone: Bool)] = [(layers[layers.count - 1].name, false)]
    while let (name, isDone) = rest.popLast() {
      if isDone {
        finished.append(name)
      } else if places[name] == nil {
        places[name] = places.count
        rest.append((name, true))
        rest += (sources[name] ?? []).reversed().map { ($0, false) }
      }
    }
    var depths: [String: Int] = [:]
    for name in finished.reversed() {
      let depth = depths[name, default: 0]
      for source in sources[name] ?? [] { depths[source] = max(depths[source, default: 0], depth + 1) }
    }
    return layers.sorted { first, second in
      let (a, b) = (depths[first.name] ?? 0, depths[second.name] ?? 0)
      return a != b ? a > b : (places[first.name] ?? 0) < (places[second.name] ?? 0)
    }
  }
}
