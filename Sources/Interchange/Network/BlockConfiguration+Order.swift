import WeftLayers

extension BlockConfiguration {
  /// The same network with the pooling of one step before the activations and batch normalizations that it follows:
  /// these compute each feature from itself alone, so that the order does not matter.
  ///
  /// - Returns: The blocks, with their numbers from 0 in the original order.
  static func poolingFirst(_ blocks: [BlockConfiguration]) -> [(number: Int, block: BlockConfiguration)] {
    var result = blocks.enumerated().map { (number: $0, block: $1) }
    guard var place = blocks.firstIndex(where: { $0.pool == .last || $0.pool == .lastPosition }) else {
      return result
    }
    while place > 0, result[place - 1].block.isElementwise {
      // The final states of merged directions are those of the layer directly before the pooling; otherwise they are
      // the last step's.
      if result[place - 1].block.type?.key != "dropout",
        let below = blocks[..<place].last(where: { !$0.isElementwise }), below.merge != .concatenate
      {
        result[place].block.pool = .lastPosition
      }
      result.swapAt(place - 1, place)
      place -= 1
    }
    return result
  }

  /// Whether each output is computed from the input at its place alone.
  private var isElementwise: Bool {
    normalization == .batch || type?.key == "activation" || type?.key == "dropout"
  }
}
