import WeftBase
import WeftLayers

/// Operators that join activations which went through different layers.
extension ONNXGraphReader {
  /// `Add`, `Mul` or `Concat` of activations: branches from the layer that they have in common.
  mutating func readJoin(_ node: ONNXProtoNode, _ merge: DirectionMerge) throws(WeftError) {
    var flows: [ONNXFlow] = []
    for index in node.inputs.indices { flows.append(try take(node, index)) }
    if merge != .concatenate, flows.contains(where: { !$0.isStatic && $0.pool == nil }) {
      for index in flows.indices { flows[index].broadcast() }
    }
    if let columns = joinedColumns(flows, merge) { return set(node, .flow(columns)) }
    // Axes of the graph's inputs get their meaning from a branch with a layer that reads steps.
    guard
      let known = flows.first(where: { !$0.hasInputAxes && !$0.isStatic })
        ?? flows.first(where: { !$0.hasInputAxes }) ?? flows.first(where: { !$0.isInput })
    else {
      throw refuse(node, "joins inputs, which is not supported; store them as the features of one input")
    }
    guard flows.allSatisfy({ $0.hasEmbedding == known.hasEmbedding }) else {
      throw refuse(node, "joins tokens with and without their embedding")
    }
    flows = flows.map { $0.resolved(like: known) }
    let axes = known.axes
    guard flows.allSatisfy({ $0.hasAxes(of: axes) && $0.flat == nil && $0.endsInFeatures }) else {
      throw refuse(node, "joins activations with different axes")
    }
    if merge == .concatenate, let axis = node.integer("axis"), axis != -1, axis != axes.count - 1 {
      throw refuse(node, "joins other axes than those of features")
    }
    let sizes = flows.map { features($0) }
    guard merge == .concatenate || Set(sizes).count == 1 else {
      throw refuse(node, "joins activations of different sizes")
    }
    try widen(&flows, node)
    var result = known
    (result.columns, result.isStatic) = (flows[0].columns, flows.allSatisfy(\.isStatic))
    guard let chain = BlockChain(joining: flows.map(\.chain), by: merge) else { throw unjoined(node) }
    result.chain = chain
    let total = sizes.reduce(0 as Int?) { sum, size in
      guard let sum, let size, sum <= Int(Int32.max), size <= Int(Int32.max) else { return nil }
      return sum + size
    }
    guard let count = merge == .concatenate ? total : sizes[0] else {
      throw refuse(node, "joins activations whose sizes are not known")
    }
    set(node, result, features: count)
  }
}

extension ONNXFlow {
  /// The graph's input with the axes that a layer has told.
  func resolved(like known: ONNXFlow) -> ONNXFlow {
    guard axes.contains(where: \.isInput), known.axes.allSatisfy({ !$0.isInput }) else { return self }
    var result = self
    (result.timeAxis, result.batchAxis) = (known.timeAxis, known.batchAxis)
    result.axes = axes.map { axis in
      switch axis {
      case .input(known.timeAxis): .time
      case .input(known.batchAxis): .batch
      case .input(2) where axes.count == 3: .features
      default: axis
      }
    }
    if axes.last == .input(2), inputSizes.count == 3 { result.width = inputSizes[2] }
    return result
  }

  /// Takes what each sequence has once to be at every step, where it is joined with steps.
  fileprivate mutating func broadcast() {
    guard isStatic, axes.count == 3, let place = axes.firstIndex(of: .single), place < 2,
      axes[1 - place] == .batch
    else { return }
    putAtEveryStep(axis: place, steps: nil)
  }

  /// Takes what is the same at every step to have steps.
  mutating func putAtEveryStep(axis: Int, steps: Int?) {
    axes[axis] = .time
    (timeAxis, batchAxis) = (axis, 1 - axis)
    inputSizes = axis == 0 ? [steps, nil] : [nil, steps]
    isStatic = false
  }

  /// Whether the axes are these, features joined or not.
  fileprivate func hasAxes(of other: [Axis]) -> Bool {
    axes.count == other.count
      && zip(axes, other).allSatisfy {
        $0 == $1 || [$0, $1].allSatisfy { [.joined, .features].contains($0) }
      }
  }
}
