import KernelInterface
import WeftBase
import WeftLayers

/// What a user tells of the network that a state dictionary belongs to: its blocks.
extension StateDictionary {
  /// The blocks of a network with their weights: recurrent layers and linear layers are taken in the order of the file
  /// or, where it tells none, of their names.
  ///
  /// - Parameters:
  ///   - told: The blocks.
  ///   - levels: The recurrent layers of the file.
  ///   - rest: The other arrays, from which those of linear layers are taken.
  ///   - file: For errors.
  /// - Throws: If a block is not in the file, or has other sizes there.
  func takeBlocks(
    _ told: [BlockConfiguration], _ levels: [[RecurrentWeights]], from rest: inout [String: Array],
    file: String
  ) throws(WeftError) -> [NetworkBlock] {
    var blocks: [NetworkBlock] = []
    var levels = levels[...]
    var inputs = 0
    for (index, block) in told.enumerated() {
      func refuse(_ complaint: String) -> WeftError {
        .failure("\(file): model.blocks: block \(index + 1): \(complaint)")
      }
      if block.cell != nil {
        guard let layers = levels.popFirst() else { throw refuse("the file has no more recurrent layers") }
        var level = RecurrentLevel(layers)
        level.merge = block.merge
        let found = NetworkBlock.recurrent(level)
        guard found.configuration == block else {
          throw refuse("is '\(block.summary)', but the file has '\(found.configuration.summary)'")
        }
        blocks.append(found)
      } else if let units = block.dense {
        let dense = try takeLinear(units: units, inputs: inputs, from: &rest, refuse)
        blocks.append(.dense(dense, block.activation ?? .linear))
      } else if let kind = block.pool, kind != .attention {
        blocks.append(.pool(kind))
      } else {
        throw refuse("'\(block.summary)' cannot be taken from a state dictionary")
      }
      guard block.dropout == nil, !block.isResidual, !block.isHighway else {
        throw refuse("'dropout', 'residual' and 'highway' are not supported here")
      }
      inputs = BlockConfiguration.size(of: [block], inputs: inputs).outputs
    }
    guard levels.isEmpty else {
      throw .failure("\(file): model.blocks: the file has \(levels.count) more recurrent layers")
    }
    return blocks
  }

  /// The next linear layer of the file.
  ///
  /// - Parameter inputs: Its inputs; 0 if they are not known.
  private func takeLinear(
    units: Int, inputs: Int, from rest: inout [String: Array], _ refuse: (String) -> WeftError
  ) throws(WeftError) -> DenseWeights {
    let names = linearNames(rest)
    guard let name = names.first, let array = rest[name], let matrix = WeightMatrix(array) else {
      throw refuse("the file has no more linear layers")
    }
    guard matrix.rows == units, inputs == 0 || matrix.columns == inputs else {
      throw refuse(
        "has \(inputs == 0 ? "" : "\(inputs) inputs and ")\(units) units, but '\(name)' has the shape \(array.shape)"
      )
    }
    rest[name] = nil
    let bias = rest.removeValue(forKey: String(name.dropLast("weight".count)) + "bias")
    guard bias.map({ $0.shape == [units] }) ?? true else {
      throw refuse("the bias of '\(name)' does not match")
    }
    return DenseWeights(
      weights: matrix.transposed, bias: bias?.values ?? [Float](repeating: 0, count: units))
  }

  /// Names of the weights of linear layers, in the order of the network.
  func linearNames(_ rest: [String: Array]) -> [String] {
    let names = rest.keys.filter {
      $0.hasLastComponent("weight") && rest[$0]?.shape.count == 2 && !$0.lowercased().contains("emb")
    }
    let known = order.filter(names.contains)
    return known.count == names.count ? known : names.sorted { $0.isNaturallyBefore($1) }
  }
}
