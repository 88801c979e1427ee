import Archives
import HDF5
import WeftBase
import WeftData

extension KerasModel {
  /// Names of a `.keras` archive's members.
  static let (configurationMember, weightsMember) = ("config.json", "model.weights.h5")
  static let versionMember = "metadata.json"

  /// Reads a `.keras` archive: the description of the model, and its weights in HDF5.
  ///
  /// HDF5 opens files by name, so the weights are unpacked to a private temporary file.
  /// - Throws: If the archive or a file in it is damaged or missing.
  init(archive path: String) throws(WeftError) {
    let archive = try ZipArchive(
      path, expansion: FileBudget.expansion, advice: "save the model again with model.save")
    func member(_ name: String) throws(WeftError) -> ZipArchive.Member {
      if let member = try archive.member(name) { return member }
      throw .model(
        "\(path): contains no \(name); save the model with keras.Model.save, without sharding its weights")
    }
    let text = try archive.contents(of: member(Self.configurationMember))
    guard let description = JSONValue(parsing: text) else {
      throw .model("\(path): \(Self.configurationMember): invalid JSON")
    }
    let architecture = try KerasArchitecture(description, file: path)
    let stored = try member(Self.weightsMember)
    let temporary = try TemporaryFile("weft-keras", purpose: path) { descriptor throws(WeftError) in
      try archive.unpack(stored, to: descriptor, name: "a temporary file")
    }
    defer { withExtendedLifetime(temporary) {} }
    do {
      self = try KerasModel(
        architecture, weights: File(opening: temporary.path), archive.budget, file: path)
      // Keras 2 writes such archives, too, of layers that compute something else than those of Keras 3.
      version = 3
      if let stored = try archive.member(Self.versionMember) {
        let text = try JSONValue(parsing: archive.contents(of: stored))?["keras_version"]?.text
        version = text?.split(separator: ".").first.flatMap { Int($0) }
      }
      training = KerasTraining.settings(description["compile_config"])
      for index in layers.indices
      where ["TextVectorization", "StringLookup"].contains(layers[index].className) {
        // Words that a program gave to the layer are in its configuration.
        guard layers[index].config["vocabulary"] ?? .null == .null,
          let stored = try archive.member("assets/layers/\(layers[index].place)/vocabulary.txt")
        else { continue }
        let lines = try String(decoding: archive.contents(of: stored), as: UTF8.self)
          .split(separator: "\n", omittingEmptySubsequences: false)
        layers[index].config["vocabulary"] = .list(lines.map { .text(String($0)) })
      }
    } catch let error as HDF5Error {
      // The temporary name would mean nothing to the user.
      let place = "\(path): \(Self.weightsMember)"
      throw WeftError(
        HDF5Error(
          kind: error.kind, file: place, object: error.object, attempt: error.attempt, cause: error.cause))
    } catch { throw WeftError(error, in: path) }
  }

  private init(
    _ architecture: KerasArchitecture, weights file: File, _ budget: FileBudget, file path: String
  ) throws {
    guard let root = try ["layers", "_layer_checkpoint_dependencies"].first(where: { try file.contains($0) })
    else { throw WeftError.model("\(path): \(Self.weightsMember): contains no group 'layers'") }
    let group = try file.group(root)
    try budget.take(objects: architecture.layers.count)
    // A layer can be in several branches.
    var known: [String: [KerasLayer.Part]] = [:]
    func read(_ layer: KerasLayer) throws -> KerasLayer {
      var layer = layer
      if let parts = known[layer.place] {
        layer.parts = parts
      } else if !layer.place.isEmpty, try group.contains(layer.place) {
        layer.parts = try Self.parts(layer.place, in: group, budget)
        known[layer.place] = layer.parts
      }
      return layer
    }
    layers = try architecture.layers.withWeights(read)
    decoder = try architecture.decoder.withWeights(read)
    inputs = architecture.inputs
    metadata = try file.metadataEntries
  }
}
