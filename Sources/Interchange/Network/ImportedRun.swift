import WeftBase
import WeftData
import WeftLayers
import WeftTasks
import WeftText
import WeftTraining

/// An imported network as a run's folder, for evaluation, generation and further training.
package struct ImportedRun {
  package let configuration: Configuration
  private let checkpoint: Checkpoint

  /// - Parameters:
  ///   - base: Configuration of everything except the network; nil for that of the file, or the defaults.
  ///   - overrides: `key=value` overrides.
  ///   - data: A dataset with the network's vocabulary and classes; nil for those of the file.
  ///   - file: Source of the network, for errors.
  /// - Throws: If the network does not match the data or the configuration.
  package init(
    _ imported: ImportedNetwork, base: Configuration? = nil, overrides: [String] = [], data: String? = nil,
    file: String
  ) throws(WeftError) {
    let network = imported.network
    let told = if let base { base } else { try imported.metadata.configuration(file: file) }
    var configuration = Self.completed(told ?? Configuration())
    if told == nil, let optimizer = imported.training.optimizer { configuration.optimizer = optimizer }
    let setsLoss = told != nil || overrides.contains { $0.hasPrefix("loss.kind=") }
    // What the network follows already; blocks replace the other keys.
    let open = overrides.filter { override in
      !imported.followed.contains { override.hasPrefix("\($0)=") }
    }
    configuration = try Configuration(
      yaml: configuration.yaml, name: file,
      overrides: open + overrides.filter { $0.hasPrefix("model.blocks=") && !open.contains($0) })
    if let data { (configuration.data.file, configuration.data.files) = (data, []) }
    if let whole = imported.encoderDecoder {
      whole.configure(&configuration)
    } else {
      network.configure(&configuration, keepsLoss: setsLoss)
    }
    try imported.datasets?.apply(to: &configuration.data, file: file)
    if configuration.data.padding == nil, configuration.data.lengths == nil {
      configuration.data.padding = imported.padding
    }
    if let blocks = imported.takenBlocks, blocks.map(\.withoutDropout) == network.blocks.map(\.configuration)
    {
      configuration.model.blocks = blocks
    }
    var vocabularies = try imported.metadata.vocabularies(file: file)
    if configuration.data.vocabularySize != nil, !imported.metadata.isOwn { vocabularies.inputs = nil }
    // Without a vocabulary, the integers of data are tokens by their number.
    let shape = imported.encoderDecoder?.shape ?? network.shape
    if data == nil, imported.encoderDecoder == nil, case .tokens(let count) = shape.input,
      vocabularies.inputs == nil,
      configuration.data.vocabularySize == nil
    {
      configuration.data.vocabularySize = count
    }
    if told == nil, imported.encoderDecoder == nil, !overrides.contains(where: { $0.hasPrefix("model.") }) {
      imported.training.apply(
        to: &configuration, blocks: network.blocks, fitsLoss: !setsLoss && network.activation == .none)
    }
    if configuration.model.changesLengths, configuration.model.hasOutputPerStep,
      configuration.loss.kind.targets != .labels
    {
      throw .model(
        "\(file): has an output at every step, but fewer steps than its inputs, which only the loss CTC allows; add"
          + " --set loss.kind=ctc")
    }
    let overrides = imported.overrides(from: open, in: configuration)
    guard try Configuration(yaml: configuration.yaml, name: file, overrides: overrides) == configuration
    else {
      throw .usage(
        "\(file): contains a different network from --set \(overrides.joined(separator: " --set "))")
    }
    try configuration.validate()

    var traits = try imported.metadata.traits(file: file)
    var preparation = imported.metadata.preparation
    if data != nil {
      let dataset = try DatasetFile(
        configuration, scaling: traits.scaling == Scaling() ? nil : traits.scaling,
        categories: network.categories.isEmpty ? nil : shape.categories)
      let own = try dataset.modelShape(Loss(configuration.loss))
      guard own == shape else {
        // Outputs of programs that put a softmax into the loss.
        var classes = configuration
        classes.loss.kind = .crossEntropy
        let areClasses =
          !setsLoss && network.activation == .none
          && (try? DatasetFile(classes).modelShape(Loss(classes.loss))) == shape
        throw .model(
          "\(dataset.path): has \(own), but \(file) has \(shape)"
            + (areClasses ? "; for its classes, add --set loss.kind=cross-entropy" : ""))
      }
      guard vocabularies == Vocabularies() || vocabularies == dataset.vocabularies else {
        throw .model("\(dataset.path): its vocabulary differs from that of \(file)")
      }
      (vocabularies, traits, preparation) = (dataset.vocabularies, dataset.traits, dataset.preparation)
    }

    let (layout, parameters) = try imported.parameters(configuration, file: file)
    var arrays = layout.arrays(of: parameters, group: "weights")
    let optimizer = Optimizer(
      configuration.optimizer, averageDecay: configuration.training.averageDecay, parameters: parameters,
      layout: layout)
    for (name, tensor) in optimizer.tensors {
      arrays.merge(layout.arrays(of: tensor, group: name.checkpointGroup)) { $1 }
    }
    self.configuration = configuration
    checkpoint = Checkpoint(
      configuration: configuration, shape: shape, vocabularies: vocabularies,
      preparation: preparation,
      traits: traits, state: TrainingState(), arrays: arrays)
    // Rejects networks that do not match the task of the configuration.
    _ = try configuration.makeTask(
      fitting: FittedData(shape: shape, vocabularies: vocabularies, traits: traits, file: file))
  }

  /// A configuration with the required keys that a network does not provide: training length and data.
  package static func completed(_ configuration: Configuration) -> Configuration {
    var result = configuration
    if result.training.epochs == nil, result.training.steps == nil { result.training.epochs = 1 }
    if result.data.file.isEmpty, result.data.files.isEmpty { result.data.file = unnamedData }
    return result
  }

  private static let unnamedData = "unnamed.h5"

  /// Whether no dataset was specified.
  package var lacksData: Bool { configuration.data.file == Self.unnamedData }

  /// Writes the folder: `best.h5` and `configuration.yaml`.
  ///
  /// - Throws: If it contains a run already, is in use by one, or is not writable.
  package func write(to path: String) throws(WeftError) {
    let folder = RunFolder(path)
    try folder.create()
    let lock = try folder.reserve()
    defer { withExtendedLifetime(lock) {} }
    guard folder.checkpoints.isEmpty else {
      throw .model("\(path): contains a run already; name another --output")
    }
    try checkpoint.write(to: folder.best)
    try TextFile.replace(folder.configuration, with: configuration.yaml)
  }
}
