import WeftBase
import WeftLayers

extension KerasModel {
  /// The network of the layers.
  ///
  /// - Parameters:
  ///   - hints: Information missing from files of weights alone.
  ///   - file: For errors.
  /// - Throws: If a layer is not supported; the message names it.
  func network(_ hints: NetworkHints, file: String) throws(WeftError) -> ImportedNetwork {
    let metadata = NetworkMetadata(metadata)
    var hints = try hints.completed(by: metadata, file: file)
    let isOwn = self.metadata["weft_version"] != nil
    if isOwn, form != .model, hints.blocks == nil {
      hints.blocks = try metadata.configuration(file: file)?.model.blocks.portable
    }
    if !decoder.isEmpty {
      var result = try encoderDecoder(hints, file: file)
      result.metadata = metadata
      result.training.optimizer = training.optimizer
      return result
    }
    let several = try severalInputs(file: file)
    var reader = KerasNetworkReader(
      file: file, hints: hints, isOwn: isOwn, version: version, inputs: several)
    if form == .model {
      for layer in layers { reader.collect(layer) }
    } else {
      try reader.read(KerasWeights(layers, isOrdered: form == .orderedWeights, file: file))
    }
    var result = try reader.result()
    let vocabulary = result.metadata.vocabulary
    result.metadata = metadata
    if !metadata.isOwn { result.metadata.vocabulary = vocabulary }
    if form != .model, !isOwn, let blocks = reader.hints.blocks {
      result.takenBlocks = blocks
      let isKept = blocks.map(\.withoutDropout) == result.network.blocks.map(\.configuration)
      if !isKept, blocks.contains(where: { $0 != $0.withoutDropout }) {
        result.notes.append(
          "the dropout in model.blocks is left out, as the network has other blocks, which compute the same")
      }
    }
    result.training.loss = training.loss
    result.training.optimizer = training.optimizer
    return result
  }

  /// The inputs of a model with several; nil of one.
  ///
  /// - Throws: If they are not supported; the message also names layers that are not.
  private func severalInputs(file: String) throws(WeftError) -> KerasInputs? {
    do { return try KerasInputs(inputs, of: layers, file: file) } catch {
      var obstacles = Obstacles(file: file)
      obstacles.add(error)
      for layer in layers.flatMap(\.all) {
        obstacles.collect { () throws(WeftError) in try layer.checkClass(file: file) }
      }
      try obstacles.check()
      throw error
    }
  }
}

extension [BlockConfiguration] {
  /// The blocks, if a file of weights has a layer for each of them; nil without blocks.
  fileprivate var portable: [BlockConfiguration]? {
    isEmpty || contains { $0.isHighway || $0.normalization == .batch } ? nil : self
  }
}
