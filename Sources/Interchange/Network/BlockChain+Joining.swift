import WeftLayers

extension BlockChain {
  /// The blocks that all chains begin with, and branches of the others.
  ///
  /// - Returns: nil if a normalization at the end of a chain cannot be kept.
  init?(joining chains: [BlockChain], by merge: DirectionMerge) {
    var whole = chains
    for index in whole.indices { if !whole[index].finish() { return nil } }
    let shortest = whole.map(\.blocks.count).min() ?? 0
    let shared =
      (0..<shortest).first { place in whole.contains { $0.blocks[place] != whole[0].blocks[place] } }
      ?? shortest
    self.init(Array((whole.first?.blocks ?? []).prefix(shared)))
    let branches = whole.map { Array($0.blocks[shared...]) }
    if merge == .sum, branches.count == 2, let place = branches.firstIndex(of: []),
      branches[1 - place].count == 1, branches[1 - place][0].canBeResidual
    {
      _ = append(.residual(branches[1 - place][0]))
    } else {
      _ = append(.branches(branches, merge: merge))
    }
  }
}

extension NetworkBlock {
  /// Whether the block can have its input added, without being in a branch.
  var canBeResidual: Bool {
    switch self {
    case .recurrent, .dense, .convolution: NetworkBlock.residual(self).configuration.problem == nil
    default: false
    }
  }
}
