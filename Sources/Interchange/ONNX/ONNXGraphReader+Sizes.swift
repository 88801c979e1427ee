/// A dynamic size: the product of axis sizes, or a constant.
enum ONNXSize: Equatable {
  case axes([ONNXFlow.Axis])
  case number(Int)

  /// Whether it is a product of more axes than anything has.
  var isLong: Bool { if case .axes(let axes) = self { axes.count > ONNXTensor.maximumRank } else { false } }
}

extension ONNXGraphReader {
  /// Evaluates an operator on sizes, with which exporters compute shapes; nil if unsupported.
  func sizes(_ node: ONNXProtoNode) -> [ONNXSize]? {
    if node.operatorName == "Shape" {
      guard let axes = flow(node, 0)?.axes else { return nil }
      let lower = place(node.integer("start") ?? 0, of: axes.count)
      let upper = place(node.integer("end") ?? axes.count, of: axes.count)
      return axes[lower..<max(lower, upper)].map { .axes([$0]) }
    }
    // Pure constants are handled elsewhere.
    guard node.inputs.contains(where: { if case .sizes = values[$0] { true } else { false } }) else {
      return nil
    }
    if node.operatorName == "Where" { return nil }
    let operands = node.inputs.indices.map { knownSizes(node, $0) }
    guard let first = operands.first ?? nil else { return nil }
    switch node.operatorName {
    case "Identity", "Cast", "Reshape", "Squeeze", "Unsqueeze": return first
    case "Concat":
      let all = operands.compactMap(\.self)
      return all.count == operands.count ? all.flatMap(\.self) : nil
    case "Gather":
      guard let indices = constant(node, 1)?.integers else { return nil }
      guard indices.count <= ONNXTensor.maximumRank else { return nil }
      let places = indices.map { $0 < 0 ? $0 + first.count : $0 }
      return places.allSatisfy(first.indices.contains) ? places.map { first[$0] } : nil
    case "Slice":
      guard let start = constant(node, 1)?.integers?.first, let end = constant(node, 2)?.integers?.first
      else { return nil }
      let (lower, upper) = (place(start, of: first.count), place(end, of: first.count))
      return lower <= upper && constant(node, 4)?.integers ?? [1] == [1] ? Array(first[lower..<upper]) : nil
    case "Mul":
      guard operands.count == 2, first.count == 1, case .axes(let left) = first[0], let second = operands[1],
        second.count == 1, case .axes(let right) = second[0]
      else { return nil }
      return [.axes(left + right)]
    default: return nil
    }
  }

  func knownSizes(_ node: ONNXProtoNode, _ index: Int) -> [ONNXSize]? {
    switch operand(node, index) {
    case .sizes(let sizes): sizes
    case .constant(let tensor): tensor.integers?.map { .number($0) }
    default: nil
    }
  }

  /// Start or end of a slice of this many elements.
  private func place(_ index: Int, of count: Int) -> Int {
    min(max(index < 0 ? index &+ count : index, 0), count)
  }

  /// The axes of a flow that is brought to a shape of sizes; nil if they are others than its own, joined or not.
  func axes(of flow: ONNXFlow, reshapedTo shape: [ONNXSize]) -> [ONNXFlow.Axis]? {
    var rest = flow.axes[...]
    var result: [ONNXFlow.Axis] = []
    var open = 0
    for size in shape {
      guard var axis = rest.popFirst() else { return nil }
      // Axes of one element may go.
      while flow.size(of: axis) == 1, axis == .single || axis == .directions, size != .axes([axis]),
        size != .axes([.directions, .features]), rest.count >= shape.count - result.count,
        let next = rest.popFirst()
      { axis = next }
      let isJoint = axis == .directions && rest.first == .features
      switch size {
      case .axes([axis]),
        .number(0) where result.count == flow.axes.count - rest.count - 1:
        result.append(axis)
      case .axes([.directions, .features]) where isJoint:
        rest.removeFirst()
        result.append(.joined)
      case .number(-1):
        open += 1
        if isJoint { rest.removeFirst() }
        result.append(isJoint ? .joined : axis)
      case .number(let count):
        if isJoint, flow.size(of: .joined) == count {
          rest.removeFirst()
          result.append(.joined)
        } else if flow.size(of: axis) == count {
          result.append(axis)
        } else {
          return nil
        }
      default: return nil
      }
    }
    return rest.isEmpty && open <= 1 ? result : nil
  }
}
