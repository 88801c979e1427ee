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
    let copies = try copies(file: file)
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
    // Other layers do not pass masks on.
    if let padding = reader.padding, result.network.blocks.first?.configuration.cell != nil {
      result.padding = padding
      result.notes.append("data.padding is set to \(NumberText.readable(padding)), as it masks steps")
    }
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
    result.notes += copies
    result.training.loss = training.loss
    result.training.optimizer = training.optimizer
    return result
  }

  /// Numbers in layers that are there more than once, so that a small file makes no large network.
  private static let maximumCopies = 1 << 27

  /// Notes of layers that are there more than once, with the same weights, and of inputs that nothing reads.
  ///
  /// - Throws: If the copies are too large.
  private func copies(file: String) throws(WeftError) -> [String] {
    var (counts, names, size): ([[String]: Int], [String], Int) = ([:], [], 0)
    for layer in layers.flatMap(\.all) where layer.className != "Embedding" && !layer.variables.isEmpty {
      let count = counts[layer.owners + [layer.name], default: 0]
      counts[layer.owners + [layer.name]] = count + 1
      if count == 1 { names.append("'\(layer.name)'") }
      if count > 0 { size += layer.variables.reduce(0) { $0 + $1.array.values.count } }
      guard size <= Self.maximumCopies else {
        throw .model("\(file): layer '\(layer.name)': is read at too many places for its size")
      }
    }
    var notes: [String] = []
    if !names.isEmpty {
      let list = names.prefix(4).joined(separator: ", ") + (names.count > 4 ? ", …" : "")
      notes.append(
        "\(names.count == 1 ? "layer \(list) stands" : "layers \(list) stand") at several places, with the same"
          + " weights; training changes each on its own")
    }
    let used = Set((layers + decoder).flatMap(\.names))
    for input in inputs where !used.contains(input.name) {
      notes.append("layer '\(input.name)' is left out: the outputs do not depend on it")
    }
    return notes
  }

  /// The inputs of a model with several; nil of one.
  ///
  /// - Throws: If they are not supported; the message also names layers that are not.
  private func severalInputs(file: String) throws(WeftError) -> NetworkInputs? {
    do { return try NetworkInputs(inputs, of: layers, file: file) } catch {
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
