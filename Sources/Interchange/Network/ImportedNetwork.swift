import WeftBase
import WeftLayers
import WeftModels
import WeftTasks

/// Result of importing a file.
package struct ImportedNetwork: Sendable {
  /// The network; of an encoder-decoder, the encoder.
  package var network: NetworkDescription
  /// The whole of an encoder-decoder; nil of other networks.
  package var encoderDecoder: EncoderDecoderDescription?
  package var metadata: NetworkMetadata
  /// Notes for the user about assumptions and ignored parts.
  package var notes: [String]
  /// How the network was trained, as far as the file tells.
  package var training = TrainingSettings()
  /// Datasets of its inputs, if it has several; nil for those of the dataset's layout.
  package var datasets: ImportedDatasets?
  /// The number, or the token, by which the network's first layer finds padding; nil if it does not.
  package var padding: Double?
  /// Keys that the user sets and the network follows already, though its blocks may say it in other words.
  package var followed: Set<String>
  /// The blocks that the user named, which the file has; those of the network can be others that compute the same.
  var takenBlocks: [BlockConfiguration]?

  package init(
    _ network: NetworkDescription, metadata: NetworkMetadata = NetworkMetadata(), notes: [String] = [],
    followed: Set<String> = []
  ) {
    self.network = network
    self.metadata = metadata
    self.notes = notes
    self.followed = followed
  }
}

extension ImportedNetwork {
  /// The network in one line.
  package var summary: String { encoderDecoder?.summary ?? network.summary }

  /// Keeps the names of classes that another program stored if they are those of the outputs, and notes which there are.
  mutating func checkClasses(file: String) throws(WeftError) {
    if metadata.isOwn { return }
    let classes = try metadata.traits(file: file).classes
    let isClassifier = network.activation == .softmax && network.outputSteps != .everyStep
    if !classes.isEmpty, classes.count == network.outputSize {
      let names = classes.prefix(4).map { "'\($0)'" }.joined(separator: ", ")
      notes.append("the classes are \(names)\(classes.count > 4 ? ", …" : "")")
    } else if !classes.isEmpty {
      metadata.removeClasses()
      notes.append(
        "its \(classes.count) names of classes are ignored, as there are \(network.outputSize) outputs")
    } else if isClassifier, network.input.size != network.outputSize {
      notes.append(
        "the file names no classes, so that they are numbers from 0; --data takes the names of a dataset")
    }
  }
}

extension ImportedNetwork {
  /// The user's `key=value` settings without those that only told how to read the file, which the network fulfils:
  /// blocks have no such keys.
  func overrides(from all: [String], in configuration: Configuration) -> [String] {
    guard !configuration.model.blocks.isEmpty else { return all }
    let blocks = configuration.model.blocks
    return all.filter { override in
      if override == "model.output=\(network.outputSteps.rawValue)" { return false }
      if override.hasPrefix("model.cell=") {
        return !blocks.allSatisfy { $0.cell == nil || override == "model.cell=\($0.cell?.rawValue ?? "")" }
      }
      return !(takenBlocks != nil && override.hasPrefix("model.blocks="))
    }
  }
}

/// Information missing from files of weights alone, given by the user.
package struct NetworkHints: Sendable {
  /// The cell, which distinguishes tanh from ReLU and the GRU variants.
  package var cell: CellType?
  package var outputSteps: OutputSteps?
  /// The blocks of a state dictionary's network.
  package var blocks: [BlockConfiguration]?
  /// The token that an encoder-decoder reads first, and that after which it has written all.
  package var startToken: Int?
  package var endToken: Int?
  /// Tokens of the source in the vocabulary of the dataset, 0 without one; nil if no dataset is named.
  package var sourceTokens: Int?
  /// The inputs of a state dictionary's network, in the order in which they are side by side.
  package var inputs: [String] = []
  /// Those that each sequence has once, after the others.
  package var staticInputs: [String] = []
  /// Those that are read through embeddings.
  package var categories: [String] = []

  package init(
    cell: CellType? = nil, outputSteps: OutputSteps? = nil, blocks: [BlockConfiguration]? = nil,
    startToken: Int? = nil, endToken: Int? = nil, sourceTokens: Int? = nil
  ) {
    self.cell = cell
    self.outputSteps = outputSteps
    self.blocks = blocks
    self.startToken = startToken
    self.endToken = endToken
    self.sourceTokens = sourceTokens
  }

  /// Hints of the user, completed by metadata that Weft wrote to the file.
  func completed(by metadata: NetworkMetadata, file: String) throws(WeftError) -> NetworkHints {
    guard let told = try metadata.configuration(file: file)?.model else { return self }
    var result = self
    result.cell = cell ?? told.cell
    if outputSteps == nil, blocks == nil, !told.blocks.isEmpty {
      result.blocks = told.blocks.exported
    } else {
      result.outputSteps = outputSteps ?? told.output
    }
    return result
  }
}

extension [BlockConfiguration] {
  /// The blocks that a file of Weft's has: dropout has no effect there, and batch normalization is part of the weights.
  fileprivate var exported: [BlockConfiguration] {
    filter { $0.normalization != .batch && $0.type?.key != "dropout" }.map { block in
      var block = block
      (block.dropout, block.recurrentDropout, block.dropConnect) = (nil, nil, nil)
      block.branches = block.branches.map(\.exported)
      return block
    }
  }
}
