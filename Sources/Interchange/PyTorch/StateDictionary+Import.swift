import WeftBase
import WeftLayers

extension StateDictionary {
  /// The network of these weights.
  ///
  /// Recurrent modules are recognized by `weight_ih_l0` and so on, with any prefix; several of them are stacked in the
  /// order of the file or, where it tells none, of their names. Of the remaining matrices, one that matches the first
  /// layer is the embedding, one that matches the last layer the output. Normalizations stand where their sizes leave
  /// one place. What else there is, the user names (``NetworkHints/blocks``).
  /// - Parameters:
  ///   - hints: What the file does not tell.
  ///   - file: For errors.
  /// - Throws: If modules are missing, do not match, or are not supported.
  package func network(_ hints: NetworkHints, file: String) throws(WeftError) -> NetworkDescription {
    try imported(hints, file: file).network
  }

  /// The network of these weights, with notes of what was assumed.
  ///
  /// - Throws: As ``network(_:file:)``.
  func imported(_ hints: NetworkHints, file: String) throws(WeftError) -> ImportedNetwork {
    var reader = try StateNetworkReader(self, hints, file: file)
    var network = if let told = hints.blocks { try reader.takeTold(told) } else { try reader.takeFound() }
    network.transitions = reader.transitions
    let datasets = try reader.arrange(&network)
    try reader.checkNothingIsLeft()
    try network.check(file: file)
    var followed: Set<String> = []
    if hints.blocks != nil { followed.insert("model.blocks") }
    if !network.hasEqualLayers {
      if hints.outputSteps != nil { followed.insert("model.output") }
      if let cell = hints.cell, network.levels.contains(where: { $0[0].cell == cell }) {
        followed.insert("model.cell")
      }
    }
    var result = ImportedNetwork(network, notes: reader.notes, followed: followed)
    result.datasets = datasets
    return result
  }
}
