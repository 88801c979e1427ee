import WeftBase
import WeftLayers

/// `RepeatVector` after the final state of a layer, as autoencoders and forecasters of several steps have it.
extension KerasNetworkReader {
  /// A vector that is repeated at fewer steps than sequences have.
  struct Repetition {
    var layer: String
    var count: Int
    var steps: Int
    /// Blocks before those that read the repeated vector.
    var blocks: Int
  }

  mutating func addRepeat(_ layer: KerasLayer) throws(WeftError) {
    guard let count = layer.number("n"), count > 0 else {
      throw refuse(layer, "repeats an unknown number of times")
    }
    if isStatic { return try repeatStatic(count, layer) }
    if !obstacles.isEmpty {
      returnsSequences = true
      return
    }
    var repeated = chain
    guard returnsSequences == false, flattenedSteps == nil, repeated.repeatFinals() else {
      throw refuse(layer, "is supported after the final state of a recurrent layer only")
    }
    guard let inputSteps else {
      throw refuse(layer, "is supported in a model with a fixed number of steps")
    }
    let steps = repeated.steps(of: inputSteps)
    guard count <= steps else { throw refuse(layer, "repeats \(count) steps of sequences of \(steps)") }
    chain = repeated
    returnsSequences = true
    // Outputs at every step are those of the inputs' steps.
    let isJoined = count < steps || steps != inputSteps
    if isJoined {
      repetition = Repetition(layer: layer.name, count: count, steps: steps, blocks: chain.blocks.count)
    }
    notes.append(
      "layer '\(layer.name)' becomes a gru that keeps the final state; sequences must have the length that the model"
        + " was made for"
        + (isJoined ? ", and the outputs of its \(count) steps are side by side" : ""))
  }

  /// Takes the steps of a repeated vector as one vector of outputs.
  ///
  /// - Throws: If what follows the repetition reads other steps than those before.
  func joinRepeated(_ chain: inout BlockChain) throws(WeftError) {
    guard let repetition else { return }
    try check(repetition)
    guard softmax == nil, chain.joinFirstOutputs(repetition.count, of: repetition.steps) else {
      throw refuse(repetition, "which is supported before a last Dense layer without activation")
    }
  }

  /// Takes the steps of a repeated vector as those that are left of a sequence.
  mutating func keepRepeated() throws(WeftError) {
    guard let repetition else { return }
    try check(repetition)
    keptSteps = KeptSteps(
      layer: repetition.layer, count: repetition.count, after: repetition.steps - repetition.count)
    self.repetition = nil
  }

  private func check(_ repetition: Repetition) throws(WeftError) {
    for block in chain.blocks[repetition.blocks...].map(\.configuration) {
      if block.readsLaterSteps || block.changesLengths {
        throw refuse(
          repetition, "but a layer after it reads the repeated steps backward, or changes their number")
      }
      if block.pool != nil { throw refuse(repetition, "but a layer after it pools them") }
    }
  }

  private func refuse(_ repetition: Repetition, _ complaint: String) -> WeftError {
    .model(
      "\(file): layer '\(repetition.layer)': repeats a vector at \(repetition.count) of \(repetition.steps) steps,"
        + " \(complaint)")
  }
}
