import WeftLayers
import WeftTasks

/// How the program that wrote a file trained its network.
package struct TrainingSettings: Sendable, Equatable {
  /// The loss; nil if the file does not tell, or Weft has none like it.
  package var loss: LossType?
  /// The optimizer; nil as for the loss.
  package var optimizer: OptimizerConfiguration?
  /// Dropout rates of blocks' outputs, by the blocks' indices.
  package var dropouts: [Int: Double] = [:]

  /// Adapts a configuration that describes the network.
  ///
  /// - Parameter fitsLoss: Whether the loss is told neither by the activation of the outputs nor by the user.
  func apply(to configuration: inout Configuration, fitsLoss: Bool) {
    if fitsLoss, let loss { configuration.loss.kind = loss }
    guard !dropouts.isEmpty else { return }
    let layers = configuration.model.layers
    if configuration.model.blocks.isEmpty {
      // The short form has one rate for all layers; that of the last one may follow its pooling.
      let rates = Set((0..<layers).map { dropouts[$0] ?? ($0 == layers - 1 ? dropouts[layers] : nil) ?? 0 })
      if rates.count == 1, let rate = rates.first { configuration.model.dropout = rate }
    } else {
      for index in configuration.model.blocks.indices where configuration.model.blocks[index].dropout == nil {
        configuration.model.blocks[index].dropout = dropouts[index]
      }
    }
  }
}
