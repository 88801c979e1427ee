import WeftBase
import WeftLayers

/// Sums of a layer's input and output.
extension KerasNetworkReader {
  /// Remembers the blocks below a layer whose output is added to that of the layers after it.
  mutating func begin(_ fork: KerasLayer) throws(WeftError) {
    guard obstacles.isEmpty else { return }
    guard softmax == nil, flattenedSteps == nil, keptSteps == nil, zeroPadding == nil, chain.finish() else {
      throw refuse(fork, "its output is added to that of the layers after it, which is not supported here")
    }
    blocksOfForks[fork.path] = chain.blocks.count
  }

  /// `Add`: the block since the fork becomes residual.
  mutating func addSum(_ layer: KerasLayer) throws(WeftError) {
    guard let path = layer.fork, let fork = path.last else {
      throw refuse(layer, "Add joins layers; \(KerasLayer.chainRule)")
    }
    try checkAppending(layer)
    guard obstacles.isEmpty else { return }
    guard let count = blocksOfForks[path] else {
      throw refuse(layer, "adds the output of '\(fork)', which is not a layer before it")
    }
    let added = chain.blocks.count - count
    if added == 0, chain.scaling == nil { throw refuse(layer, "adds the output of '\(fork)' to itself") }
    guard added == 1, chain.scaling == nil, flattenedSteps == nil, keptSteps == nil else {
      throw refuse(
        layer,
        "adds the input of '\(fork)' to the output of \(max(added, 1) + (chain.scaling == nil ? 0 : 1)) blocks; Weft"
          + " adds it to that of one recurrent layer, dense layer or convolution (residual: true)"
      )
    }
    let features = count == 0 ? embedding?.columns ?? firstInputs : outputSize(before: 1)
    guard features == outputSize, chain.makeResidual() else {
      throw refuse(
        layer,
        "adds the output of '\(fork)' to one of other sizes or steps, or of a block that cannot be residual")
    }
  }
}
