import KernelInterface
import WeftBase
import WeftLayers

/// Pooling by attention: the softmax of scores over the steps, and the sum of the states that it weighs.
extension ONNXGraphReader {
  /// Reads an operator on weights of steps, or on states that were multiplied by them.
  ///
  /// - Returns: Whether it is one.
  mutating func readAttention(_ node: ONNXProtoNode) throws(WeftError) -> Bool {
    if node.operatorName == "Softmax", let scores = flow(node, 0), scores.isOverTime(node) {
      set(node, .weights(try take(node, 0)))
      return true
    }
    let kinds = node.inputs.prefix(2).map { values[$0] }
    if kinds.count == 2, case .weights(let weights) = kinds[0], case .flow(let states) = kinds[1] {
      try weigh(states, by: weights, node)
      return true
    }
    if kinds.count == 2, case .flow(let states) = kinds[0], case .weights(let weights) = kinds[1] {
      guard node.operatorName == "Mul" else { throw refuse(node, "multiplies states by weights of steps") }
      try weigh(states, by: weights, node)
      return true
    }
    switch kinds.first ?? nil {
    case .weights(let weights):
      guard
        ["Transpose", "Squeeze", "Unsqueeze", "Reshape", "Identity", "Dropout"].contains(node.operatorName)
      else { throw refuse(node, "reads weights of steps, which pool states only") }
      // The weights have the axes of the scores.
      values[node.inputs[0]] = .flow(weights)
      defer { values[node.inputs[0]] = .weights(weights) }
      if ["Identity", "Dropout"].contains(node.operatorName) {
        set(node, .weights(weights))
      } else {
        try readLayout(node)
        if let name = node.outputs.first, case .flow(let arranged) = values[name] {
          values[name] = .weights(arranged)
        }
      }
      return true
    case .weighted(let pooled):
      guard node.operatorName == "ReduceSum", let axes = node.integers("axes") ?? constant(node, 1)?.integers,
        axes.count == 1, let place = pooled.axes.firstIndex(of: .time),
        axes[0] == place || axes[0] &+ pooled.axes.count == place
      else {
        throw refuse(node, "reads states that are multiplied by weights of steps, but does not add them up")
      }
      var result = pooled
      if node.integer("keepdims") ?? 1 != 0 {
        result.axes[place] = .single
      } else {
        result.axes.remove(at: place)
      }
      set(node, .flow(result))
      return true
    default: return false
    }
  }

  /// States times weights: `Mul` at every step, or `MatMul`, which adds the steps up.
  private mutating func weigh(
    _ states: ONNXFlow, by weights: ONNXFlow, _ node: ONNXProtoNode
  ) throws(WeftError) {
    let isProduct = node.operatorName == "MatMul"
    guard isProduct || node.operatorName == "Mul", states.pool == nil, states.flat == nil,
      states.axes.count == 3,
      states.endsInFeatures, states.axes.prefix(2).contains(.batch), states.axes.prefix(2).contains(.time)
    else { throw refuse(node, "multiplies weights of steps by other than a layer's states") }
    let expected =
      isProduct ? [.batch, nil, .time] : states.axes.map { [.batch, .time].contains($0) ? $0 : nil }
    guard !isProduct || states.axes[0] == .batch, weights.axes.count == 3,
      zip(weights.axes, expected).allSatisfy({ $1 == nil ? weights.isSingle($0) : $0 == $1 })
    else { throw refuse(node, "multiplies states by weights with other axes") }
    guard weights.columns == states.columns, let attention = weights.chain.attention(on: states.chain) else {
      throw refuse(node, "its weights are not computed from the states by one or two dense layers")
    }
    var result = states
    try append(.attention(attention), to: &result, node)
    result.pool = .attention
    if isProduct {
      result.axes[1] = .single
      set(node, .flow(result))
    } else {
      set(node, .weighted(result))
    }
  }
}

extension ONNXFlow {
  /// Whether a softmax over this activation is over the steps, with one number for each.
  fileprivate func isOverTime(_ node: ONNXProtoNode) -> Bool {
    let axis = node.integer("axis") ?? -1
    let place = axis < 0 ? axis &+ axes.count : axis
    guard axes.indices.contains(place), axes[place] == .time, pool == nil, flat == nil, part == nil else {
      return false
    }
    return axes.allSatisfy { $0 == .time || $0 == .batch || isSingle($0) }
  }

  fileprivate func isSingle(_ axis: Axis) -> Bool {
    axis == .single || (axis == .features && directions == 1 && width == 1)
  }
}

extension BlockChain {
  /// The scores that end this chain, as pooling of the states that another chain computes; nil if they are no such scores.
  fileprivate func attention(on states: BlockChain) -> AttentionWeights? {
    let count = states.blocks.count
    guard scaling == nil, states.scaling == nil, blocks.count > count,
      Array(blocks.prefix(count)) == states.blocks
    else { return nil }
    let last = blocks[count...].map(\.dense)
    guard let first = last.first ?? nil, last.count <= 2 else { return nil }
    let one = WeightMatrix(rows: 1, columns: 1, values: [1])
    if last.count == 1 {
      return AttentionWeights(projection: first.weights, score: one, activation: first.activation).checked
    }
    // What is added to all scores changes no weight.
    guard let second = last[1], second.activation == .linear else { return nil }
    return AttentionWeights(
      projection: first.weights, score: second.weights.weights, activation: first.activation
    ).checked
  }
}

extension NetworkBlock {
  fileprivate var dense: (weights: DenseWeights, activation: Activation)? {
    if case .dense(let weights, let activation) = self { (weights, activation) } else { nil }
  }
}

extension AttentionWeights {
  /// The weights, if they give one score, and the activation is one that pooling has.
  fileprivate var checked: AttentionWeights? {
    score.columns == 1 && score.rows == projection.weights.columns && !activation.gradientReadsInputs
      ? self : nil
  }
}
