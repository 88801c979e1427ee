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
    if node.operatorName == "Shape" { return flow(node, 0)?.axes.map { .axes([$0]) } }
    // Pure constants are handled elsewhere.
    guard node.inputs.contains(where: { if case .sizes = values[$0] { true } else { false } }) else {
      return nil
    }
    let operands = node.inputs.indices.map { sizes(node, $0) }
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

  private func sizes(_ node: ONNXProtoNode, _ index: Int) -> [ONNXSize]? {
    switch operand(node, index) {
    case .sizes(let sizes): sizes
    case .constant(let tensor): tensor.integers?.map { .number($0) }
    default: nil
    }
  }

  /// Start or end of a slice of this many elements.
  private func place(_ index: Int, of count: Int) -> Int {
    min(max(index < 0 ? index + count : index, 0), count)
  }

  /// The axes of a flow that is brought to a shape of sizes; nil if they are others than its own, joined or not.
  func axes(of flow: ONNXFlow, reshapedTo shape: [ONNXSize]) -> [ONNXFlow.Axis]? {
    var rest = flow.axes[...]
    var result: [ONNXFlow.Axis] = []
    for size in shape {
      guard let axis = rest.popFirst() else { return nil }
      switch size {
      case .axes([axis]), .number(0): result.append(axis)
      case .axes([.directions, .features]):
        guard axis == .directions, rest.popFirst() == .features else { return nil }
        result.append(.joined)
      case .number, .axes: return nil
      }
    }
    return rest.isEmpty ? result : nil
  }
}
