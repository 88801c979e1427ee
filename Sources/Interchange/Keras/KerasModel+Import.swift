import WeftBase

extension KerasModel {
  /// The network of the layers.
  ///
  /// - Parameters:
  ///   - hints: Information missing from files of weights alone.
  ///   - file: For errors.
  /// - Throws: If a layer is not supported; the message names it.
  func network(_ hints: NetworkHints, file: String) throws(WeftError) -> ImportedNetwork {
    let metadata = NetworkMetadata(metadata)
    var reader = KerasNetworkReader(
      file: file, hints: try hints.completed(by: metadata, file: file),
      isOwn: self.metadata["weft_version"] != nil, version: version)
    for layer in layers { reader.collect(layer) }
    var result = try reader.result()
    result.metadata = metadata
    result.training.loss = training.loss
    result.training.optimizer = training.optimizer
    return result
  }
}
