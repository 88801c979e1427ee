import KernelInterface
import WeftBase
import WeftLayers

/// What a user tells of the layers of a file of weights: their blocks.
extension KerasNetworkReader {
  /// Takes the next block that the user names, and adds those before it that have no weights.
  ///
  /// - Returns: The block of a layer with weights; nil for the output layer, or where nothing is told.
  mutating func takeTold(_ layer: KerasLayer) throws(WeftError) -> BlockConfiguration? {
    guard layer.className == nil, hints.blocks != nil else { return nil }
    while let block = told.first {
      if let kind = block.pool, kind != .attention {
        try append(.pool(kind), layer)
      } else if let kind = block.pooling, let width = block.width {
        try append(
          .pooling(
            PoolingWindow(kind: kind, width: width, stride: block.stride, padding: block.padding)), layer)
      } else {
        return told.popFirst()
      }
      told.removeFirst()
    }
    return nil
  }

  /// Gives a recurrent level what a file of weights does not tell.
  func completed(_ level: RecurrentLevel, by block: BlockConfiguration?) -> RecurrentLevel {
    guard let block else { return level }
    var level = level
    level.merge = block.merge
    if level.layers.count == 1 { level.isBackward = block.isBackward }
    for index in level.layers.indices {
      if let activation = block.activation { level.layers[index].activation = activation }
      if let gates = block.recurrentActivation { level.layers[index].recurrentActivation = gates }
    }
    return level
  }

  /// - Throws: If the file has other blocks than the user names.
  func checkTold(_ blocks: [NetworkBlock]) throws(WeftError) {
    guard let given = hints.blocks, !undescribed.isEmpty else { return }
    let wanted = given.map { block in
      var block = block
      (block.dropout, block.recurrentDropout) = (nil, nil)
      return block
    }
    let found = blocks.map(\.configuration)
    for index in 0..<max(wanted.count, found.count) {
      func summary(_ list: [BlockConfiguration]) -> String {
        list.indices.contains(index) ? "'\(list[index].summary)'" : "nothing"
      }
      guard wanted.indices.contains(index), found.indices.contains(index), wanted[index] == found[index]
      else {
        throw .model(
          "\(file): model.blocks: block \(index + 1): is \(summary(wanted)), but the file has \(summary(found))"
        )
      }
    }
  }
}
