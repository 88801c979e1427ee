import WeftBase
import WeftLayers

/// Layers that join branches: concatenations, sums, means and products.
extension KerasNetworkReader {
  /// Reads the branches of a layer, which becomes a block with them, or makes the only block of a branch residual.
  mutating func addJoin(_ layer: KerasLayer) throws(WeftError) {
    guard let merge = DirectionMerge.allCases.first(where: { $0.kerasLayer == layer.className }),
      layer.branches.count > 1
    else {
      throw refuse(layer, "\(layer.className ?? "its class") of one layer and a constant is not supported")
    }
    try checkAppending(layer)
    if obstacles.isEmpty, try addWeightedSteps(layer) { return }
    guard !obstacles.isEmpty || (isFinished && chain.finish()) else {
      throw refuse(layer, "its branches begin after a layer that only the end of a network can have")
    }
    var branches: [KerasNetworkReader] = []
    for part in layer.branches {
      var branch = branch
      for layer in part { branch.collect(layer) }
      (obstacles, notes, scalingLayer) = (branch.obstacles, branch.notes, branch.scalingLayer)
      expansion = branch.expansion
      if obstacles.isEmpty { try branch.appendFlattenedSteps(layer) }
      if obstacles.isEmpty, !(branch.isFinished && branch.chain.finish()) {
        throw refuse(layer, "joins a branch that ends in a layer which only the end of a network can have")
      }
      branches.append(branch)
    }
    guard obstacles.isEmpty else {
      if isAtInputs { branchInputs = inputs?.width }
      return
    }
    if layer.className == "Concatenate", let axis = layer.config["axis"]?.integer, axis != -1,
      axis != (branches.contains(where: \.leavesOneStep) ? 1 : 2)
    {
      throw refuse(layer, "concatenates other than features")
    }
    if joinColumns(branches, merge) {
      if branches.contains(where: { $0.training.hasDropout }) {
        notes.append("the dropout of the inputs that '\(layer.name)' joins is left out")
      }
      return
    }
    let readsColumns = isAtInputs
    if inputs != nil { try widen(&branches, layer) }
    let block = NetworkBlock.branches(branches.map(\.chain.blocks), merge: merge)
    if !readsColumns, let (inner, training) = onlyBlock(branches, merge) {
      try append(.residual(inner), layer)
      let index = chain.blocks.count - 1
      self.training.dropouts[index] = training.dropouts[0]
      self.training.recurrentDropouts[index] = training.recurrentDropouts[0]
    } else {
      if let problem = BlockConfiguration.problem(
        in: [block.configuration], inputs: outputSize ?? firstInputs)
      {
        throw refuse(layer, "joins branches that do not fit: \(problem.replacing("block 1: ", with: ""))")
      }
      try append(block, layer)
      if branches.contains(where: { $0.training.hasDropout }) {
        training.branches[chain.blocks.count - 1] = branches.map(\.training)
      }
    }
    returnsSequences = !branches.contains { $0.leavesOneStep && (isStatic || !$0.isStatic) }
  }

  /// A reader of the layers of a branch.
  private var branch: KerasNetworkReader {
    var branch = self
    branch.isInBranch = true
    branch.training = TrainingSettings()
    if isAtInputs { return branch }
    branch.readsInputs = false
    branch.selection = nil
    branch.isPooledBelow = isPooledBelow || chain.isPooled || !isStatic && returnsSequences == false
    branch.isBackwardBelow = endsInDirections
    branch.branchInputs = outputSize ?? firstInputs
    branch.inputShape = [nil, steps, branch.branchInputs]
    branch.embedding = nil
    branch.chain = BlockChain()
    return branch
  }

  /// Whether the last states are those of a layer that reads backward, alone or beside another.
  var endsInDirections: Bool {
    chain.endsInDirections
      || isBackwardBelow && chain.blocks.allSatisfy { if case .normalization = $0 { true } else { false } }
  }

  var leavesOneStep: Bool { isPooled || returnsSequences == false }

  /// Whether other layers can follow.
  var isFinished: Bool {
    weighted == nil && softmax == nil && flattenedSteps == nil && keptSteps == nil && zeroPadding == nil
      && repetition == nil
      && reshaped == nil
  }

  /// The one block whose input is added to its output, with its dropout; nil if the branches are others.
  private func onlyBlock(
    _ branches: [KerasNetworkReader], _ merge: DirectionMerge
  ) -> (NetworkBlock, TrainingSettings)? {
    guard merge == .sum, branches.count == 2,
      let empty = branches.firstIndex(where: \.chain.blocks.isEmpty),
      case let other = branches[1 - empty], other.chain.blocks.count == 1,
      let block = other.chain.blocks.first, block.canBeResidual, other.training.inputDropout == nil,
      !branches[empty].training.hasDropout,
      other.outputSize == branches[empty].outputSize
    else { return nil }
    return (block, other.training)
  }
}
