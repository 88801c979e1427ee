import WeftLayers
import WeftModels
import WeftTasks

/// How the program that wrote a file trained its network.
package struct TrainingSettings: Sendable, Equatable {
  /// The loss; nil if the file does not tell, or Weft has none like it.
  package var loss: LossType?
  /// The optimizer; nil as for the loss.
  package var optimizer: OptimizerConfiguration?
  /// Dropout rate of the first block's inputs.
  package var inputDropout: Double?
  /// Dropout rates of blocks' outputs, by the blocks' indices.
  package var dropouts: [Int: Double] = [:]
  /// Recurrent dropout rates, by the blocks' indices.
  package var recurrentDropouts: [Int: Double] = [:]

  /// Those of the branches of blocks, by the blocks' indices.
  package var branches: [Int: [TrainingSettings]] = [:]

  var hasDropout: Bool {
    inputDropout != nil || !dropouts.isEmpty || !recurrentDropouts.isEmpty
      || branches.values.joined().contains(where: \.hasDropout)
  }

  /// Follows the blocks when one was added before them.
  mutating func shift() {
    func shifted<Value>(_ values: [Int: Value]) -> [Int: Value] {
      Dictionary(uniqueKeysWithValues: values.map { ($0.key + 1, $0.value) })
    }
    (dropouts, recurrentDropouts) = (shifted(dropouts), shifted(recurrentDropouts))
    branches = shifted(branches)
  }

  /// Adapts a configuration that describes the network.
  ///
  /// - Parameters:
  ///   - blocks: Those of the network.
  ///   - fitsLoss: Whether the loss is told neither by the activation of the outputs nor by the user.
  func apply(to configuration: inout Configuration, blocks: [NetworkBlock], fitsLoss: Bool) {
    if fitsLoss, let loss { configuration.loss.kind = loss }
    guard hasDropout else { return }
    if configuration.model.blocks.isEmpty {
      // The short form has one rate of each kind, for inputs and layers; that of the last one may follow its pooling.
      let layers = configuration.model.layers
      let rates = Set((0..<layers).map { dropouts[$0] ?? ($0 == layers - 1 ? dropouts[layers] : nil) ?? 0 })
      let recurrent = Set((0..<layers).map { recurrentDropouts[$0] ?? 0 })
      if rates == [inputDropout ?? 0], recurrent.count == 1 {
        configuration.model.dropout = inputDropout ?? 0
        configuration.model.recurrentDropout = recurrent.first ?? 0
        return
      }
      configuration.model.useBlocks(blocks.map(\.configuration))
    }
    apply(to: &configuration.model.blocks)
  }

  private func apply(to blocks: inout [BlockConfiguration]) {
    for index in blocks.indices {
      if let rate = dropouts[index], blocks[index].dropout == nil { blocks[index].dropout = rate }
      if let rate = recurrentDropouts[index], blocks[index].recurrentDropout == nil {
        blocks[index].recurrentDropout = rate
      }
      let own = branches[index] ?? []
      guard own.count == blocks[index].branches.count else { continue }
      for place in own.indices { own[place].apply(to: &blocks[index].branches[place]) }
    }
    if let inputDropout {
      var block = BlockConfiguration()
      block.dropout = inputDropout
      blocks.insert(block, at: 0)
    }
  }
}

extension ModelConfiguration {
  /// Describes a model by its blocks, in place of equal layers.
  fileprivate mutating func useBlocks(_ all: [BlockConfiguration]) {
    let standard = ModelConfiguration()
    (cell, hidden, projection, layers) = (
      standard.cell, standard.hidden, standard.projection, standard.layers
    )
    (isBidirectional, output) = (standard.isBidirectional, standard.output)
    blocks = all
  }
}
