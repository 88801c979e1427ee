import WeftBase
import WeftLayers

/// Operators that join activations which went through different layers.
extension ONNXGraphReader {
  /// `Add`, `Mul` or `Concat` of activations: branches from the layer that they have in common.
  mutating func readJoin(_ node: ONNXProtoNode, _ merge: DirectionMerge) throws(WeftError) {
    var flows: [ONNXFlow] = []
    for index in node.inputs.indices { flows.append(try take(node, index)) }
    // Axes of the graph's inputs get their meaning from a branch with a layer that reads steps.
    guard
      let known = flows.first(where: { $0.axes.allSatisfy { !$0.isInput } })
        ?? flows.first(where: { !$0.isInput })
    else {
      throw refuse(node, "joins inputs, which is not supported; store them as the features of one input")
    }
    if let other = flows.first(where: { $0.source != known.source }) {
      throw refuse(
        node,
        "joins what is computed from two inputs, '\(known.source)' and '\(other.source)'; Weft's networks have one"
      )
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
    var result = known
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
  fileprivate func resolved(like known: ONNXFlow) -> ONNXFlow {
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

  /// Whether the axes are these, features joined or not.
  fileprivate func hasAxes(of other: [Axis]) -> Bool {
    axes.count == other.count
      && zip(axes, other).allSatisfy {
        $0 == $1 || [$0, $1].allSatisfy { [.joined, .features].contains($0) }
      }
  }
}
