import KernelInterface
import WeftBase
import WeftLayers

/// Operators on the states of one direction, which exporters take apart and put together again.
extension ONNXGraphReader {
  /// Reads an operator that takes one direction of a layer's states, arranges them, takes the first or the last step, or
  /// merges both directions.
  ///
  /// - Returns: Whether it is one.
  mutating func readHalves(_ node: ONNXProtoNode) throws(WeftError) -> Bool {
    if node.operatorName == "Slice", let flow = flow(node, 0), flow.pool == nil, flow.directions == 2,
      let place = flow.axes.firstIndex(of: .directions),
      let (axis, lower, upper) = range(of: node, axes: flow.axes.count, extent: { _ in 2 }), axis == place,
      upper == lower + 1
    {
      var half = ONNXFinal(flow: flow, direction: lower)
      half.flow.axes[place] = .single
      set(node, .half(half))
      return true
    }
    if let parts = joinedHalves(node) {
      for (name, half) in zip(node.outputs, parts) { values[name] = .half(half) }
      return true
    }
    if ["Add", "Mul"].contains(node.operatorName), case .half(let first) = operand(node, 0),
      case .half(let second) = operand(node, 1)
    {
      try merge(first, second, node)
      return true
    }
    guard case .half(var half) = operand(node, 0) else { return false }
    switch node.operatorName {
    case "Squeeze":
      guard let axes = node.integers("axes") ?? constant(node, 1)?.integers, axes.count == 1,
        let place = half.flow.place(axes[0]), half.flow.axes[place] == .single
      else { return false }
      half.flow.axes.remove(at: place)
    case "Transpose":
      let order = node.integers("perm") ?? []
      guard order.sorted() == Array(half.flow.axes.indices) else { return false }
      half.flow.axes = order.map { half.flow.axes[$0] }
    case "Slice":
      let flow = half.flow
      guard half.end == nil, flow.pool == nil,
        let (axis, lower, upper) = range(
          of: node, axes: flow.axes.count, extent: { flow.size(of: flow.axes[$0]) ?? .max }),
        flow.axes[axis] == .time
      else { return false }
      let length = flow.size(of: .time) ?? .max
      if (lower, upper) == (0, 1) {
        half.end = .first
      } else if lower == length - 1, upper == length {
        half.end = .last
      } else {
        return false
      }
      half.flow.axes[axis] = .single
    default: return false
    }
    set(node, .half(half))
    return true
  }

  /// The directions that a `Slice` or a `Split` takes of states side by side; nil for other parts.
  private func joinedHalves(_ node: ONNXProtoNode) -> [ONNXFinal]? {
    guard let flow = flow(node, 0), flow.directions == 2, let place = flow.axes.firstIndex(of: .joined),
      let width = flow.width
    else { return nil }
    var directions: [Int] = []
    switch node.operatorName {
    case "Slice":
      guard let (axis, lower, upper) = range(of: node, axes: flow.axes.count, extent: { _ in 2 * width }),
        axis == place, upper == lower + width, [0, width].contains(lower)
      else { return nil }
      directions = [lower / width]
    case "Split":
      guard flow.place(node.integer("axis") ?? 0) == place, node.outputs.count == 2,
        (node.integers("split") ?? constant(node, 1)?.integers)?.allSatisfy({ $0 == width }) ?? true
      else { return nil }
      directions = [0, 1]
    default: return nil
    }
    return directions.map { direction in
      var half = ONNXFinal(flow: flow, direction: direction)
      half.flow.axes[place] = .features
      return half
    }
  }

  /// The axis, first and after the last index of what a `Slice` takes; nil unless it takes some of one axis, in order.
  ///
  /// - Parameter extent: Size of an axis, `Int.max` if unknown.
  func range(
    of node: ONNXProtoNode, axes count: Int, extent: (Int) -> Int
  ) -> (axis: Int, lower: Int, upper: Int)? {
    let axes = node.integers("axes") ?? constant(node, 3)?.integers ?? [0]
    guard let starts = node.integers("starts") ?? constant(node, 1)?.integers,
      let ends = node.integers("ends") ?? constant(node, 2)?.integers, starts.count == 1, ends.count == 1,
      axes.count == 1, constant(node, 4)?.integers ?? [1] == [1]
    else { return nil }
    let axis = axes[0] < 0 ? axes[0] &+ count : axes[0]
    guard (0..<count).contains(axis) else { return nil }
    let size = extent(axis)
    // Counted from the end, indices of an unknown size stay below it by as much.
    func bound(_ index: Int) -> Int { min(max(index < 0 ? index &+ size : index, 0), size) }
    let (lower, upper) = (bound(starts[0]), ends[0] >= Int(Int32.max) ? size : bound(ends[0]))
    return lower < upper ? (axis, lower, upper) : nil
  }

  /// Both directions of a layer side by side.
  mutating func join(
    _ halves: [ONNXFinal], _ axis: Int, count: Int, _ node: ONNXProtoNode
  ) throws(WeftError) {
    guard count == 2, halves.count == 2, let pool = Self.pool(halves[0], halves[1]),
      axis == -1 || axis == halves[0].flow.axes.count - 1
    else { throw refuse(node, "joins states other than those of a layer's two directions, in their order") }
    var flow = halves[0].flow
    flow.pool = pool.kind
    flow.axes[flow.axes.count - 1] = .joined
    set(node, .flow(flow))
  }

  /// The sum or product of both directions.
  private mutating func merge(
    _ first: ONNXFinal, _ second: ONNXFinal, _ node: ONNXProtoNode
  ) throws(WeftError) {
    let (forward, backward) = first.direction == 0 ? (first, second) : (second, first)
    var flow = forward.flow
    guard let pool = Self.pool(forward, backward),
      flow.chain.merge(node.operatorName == "Add" ? .sum : .product)
    else { throw refuse(node, "merges states other than those of a layer's two directions") }
    flow.pool = pool.kind
    flow.directions = 1
    set(node, .flow(flow))
  }

  /// How a sequence is pooled, of which the forward direction and the backward one are taken; nil if they do not belong
  /// together.
  private static func pool(_ forward: ONNXFinal, _ backward: ONNXFinal) -> (kind: PoolKind?, Void)? {
    guard forward.direction == 0, backward.direction == 1, forward.flow.chain == backward.flow.chain,
      forward.flow.columns == backward.flow.columns,
      forward.flow.pool == backward.flow.pool, forward.flow.axes == backward.flow.axes,
      forward.flow.axes.last == .features
    else { return nil }
    switch (forward.end, backward.end) {
    case (nil, nil): return (forward.flow.pool, ())
    case (.last, .first): return (.last, ())
    case (.last, .last): return (.lastPosition, ())
    default: return nil
    }
  }
}

extension ONNXFlow {
  /// The place of an axis, counted from the end if negative; nil if there is none.
  fileprivate func place(_ axis: Int) -> Int? {
    let place = axis < 0 ? axis &+ axes.count : axis
    return axes.indices.contains(place) ? place : nil
  }
}
