import WeftBase

extension ONNXGraphReader {
  /// Operators that transpose, merge or remove axes.
  mutating func readLayout(_ node: ONNXProtoNode) throws(WeftError) {
    if let tensor = constant(node, 0) { return set(node, .constant(try taken(changed(tensor, node)))) }
    guard let flow = flow(node, 0) else {
      // Zero initial states may be transposed as well.
      if case .repeated(let tensor) = operand(node, 0) { return set(node, .repeated(tensor)) }
      return set(node, .size)
    }
    switch node.operatorName {
    case "Transpose": set(node, .flow(try transposed(flow, node)))
    case "Squeeze": set(node, .flow(try squeezed(flow, node)))
    case "Unsqueeze": set(node, .flow(try unsqueezed(flow, node)))
    case "Reshape": set(node, .flow(try reshaped(flow, node)))
    case "Slice": set(node, .flow(try sliced(flow, node)))
    default: throw refuse(node, "is not supported")
    }
  }

  private func transposed(_ flow: ONNXFlow, _ node: ONNXProtoNode) throws(WeftError) -> ONNXFlow {
    let order = node.integers("perm") ?? Array(flow.axes.indices.reversed())
    guard order.count == flow.axes.count, order.sorted() == Array(flow.axes.indices) else {
      throw refuse(node, "perm \(order) does not match \(flow.axes.count) axes")
    }
    var result = flow
    result.axes = order.map { flow.axes[$0] }
    return result
  }

  /// Axes of an operator, from an attribute (up to set 12) or an operand; nil if unspecified.
  private func axes(_ node: ONNXProtoNode, rank: Int) throws(WeftError) -> [Int]? {
    guard let axes = node.integers("axes") ?? constant(node, 1)?.integers else { return nil }
    guard axes.count <= ONNXTensor.maximumRank else { throw refuse(node, "has \(axes.count) axes") }
    let places = axes.map { $0 < 0 ? $0 + rank : $0 }
    guard places.allSatisfy({ (0..<rank).contains($0) }), Set(places).count == places.count else {
      throw refuse(node, "axes \(axes) fit no \(rank) axes")
    }
    return places
  }

  private func squeezed(_ flow: ONNXFlow, _ node: ONNXProtoNode) throws(WeftError) -> ONNXFlow {
    let isSingle = flow.axes.map { $0 == .single || ($0 == .directions && flow.directions == 1) }
    let places = try axes(node, rank: flow.axes.count) ?? isSingle.indices.filter { isSingle[$0] }
    guard places.allSatisfy({ isSingle[$0] }) else {
      throw refuse(node, "removes an axis with more than one element")
    }
    var result = flow
    result.axes = flow.axes.indices.filter { !places.contains($0) }.map { flow.axes[$0] }
    return result
  }

  private func unsqueezed(_ flow: ONNXFlow, _ node: ONNXProtoNode) throws(WeftError) -> ONNXFlow {
    let count = (node.integers("axes") ?? constant(node, 1)?.integers)?.count ?? 0
    guard let places = try axes(node, rank: flow.axes.count + count), !places.isEmpty else {
      throw refuse(node, "its axes are not constant")
    }
    var result = flow
    for place in places.sorted() { result.axes.insert(.single, at: place) }
    return result
  }

  /// Merges directions and features, or removes an axis of one element.
  private func reshaped(_ flow: ONNXFlow, _ node: ONNXProtoNode) throws(WeftError) -> ONNXFlow {
    var result = flow
    if case .sizes(let sizes) = operand(node, 1), let axes = axes(of: flow, reshapedTo: sizes) {
      result.axes = axes
      return result
    }
    guard let shape = constant(node, 1)?.integers else {
      throw refuse(node, "its shape is not constant")
    }
    if let place = flow.axes.firstIndex(of: .directions), flow.axes.dropFirst(place + 1).first == .features {
      result.axes[place] = .joined
      result.axes.remove(at: place + 1)
      if result.axes.count == shape.count, keeps(result, shape) { return result }
    }
    result.axes = flow.axes.filter { $0 != .single && !($0 == .directions && flow.directions == 1) }
    if result.axes.count == shape.count, keeps(result, shape) { return result }
    if flow.axes.count == shape.count, keeps(flow, shape) { return flow }
    throw refuse(node, "\(shape) reshapes \(flow.axes.count) axes in an unsupported way")
  }

  /// Whether a shape leaves all axes as they are: at most one is left to be found, and those of features have their
  /// size.
  private func keeps(_ flow: ONNXFlow, _ shape: [Int]) -> Bool {
    let open = shape.filter { $0 == -1 }.count
    let width = levels.last.map { $0[0].hidden } ?? 0
    return open <= 1
      && zip(flow.axes, shape).allSatisfy { axis, size in
        switch axis {
        case .features: size <= 0 || levels.isEmpty || size == width || flow.stage == .outputs
        case .joined: size <= 0 || size == width * flow.directions
        default: size <= 0 || open == 0
        }
      }
  }

  private func sliced(_ flow: ONNXFlow, _ node: ONNXProtoNode) throws(WeftError) -> ONNXFlow {
    guard constant(node, 1)?.integers == [-1], let end = constant(node, 2)?.integers, end.count == 1,
      end[0] > 1 << 30,
      let axes = constant(node, 3)?.integers, axes.count == 1
    else { throw refuse(node, "takes steps other than the last") }
    return try lastStep(flow, at: axes[0] < 0 ? axes[0] + flow.axes.count : axes[0], keepsAxis: true, node)
  }

  /// Constants with permuted axes.
  private func changed(_ tensor: ONNXTensor, _ node: ONNXProtoNode) throws(WeftError) -> ONNXTensor {
    var result = tensor
    switch node.operatorName {
    case "Transpose" where tensor.shape.count == 2 && node.integers("perm") ?? [1, 0] == [1, 0]:
      let (rows, columns) = (tensor.shape[0], tensor.shape[1])
      result.shape = [columns, rows]
      if tensor.values.isEmpty { return result }
      for row in 0..<rows {
        for column in 0..<columns {
          result.values[column * rows + row] = tensor.values[row * columns + column]
        }
      }
    case "Unsqueeze":
      let count = (node.integers("axes") ?? constant(node, 1)?.integers)?.count ?? 0
      for place in try axes(node, rank: tensor.shape.count + count)?.sorted() ?? [] {
        result.shape.insert(1, at: place)
      }
    case "Squeeze":
      let places =
        try axes(node, rank: tensor.shape.count) ?? tensor.shape.indices.filter { tensor.shape[$0] == 1 }
      result.shape = tensor.shape.indices.filter { !places.contains($0) }.map { tensor.shape[$0] }
    case "Reshape":
      guard var shape = constant(node, 1)?.integers else {
        throw refuse(node, "its shape is not constant")
      }
      for (place, size) in shape.enumerated() where size == 0 && place < tensor.shape.count {
        shape[place] = tensor.shape[place]
      }
      if let place = shape.firstIndex(of: -1) {
        let others = shape[..<place] + shape[(place + 1)...]
        let known = others.boundedProduct ?? 0
        shape[place] = known > 0 ? tensor.values.count / known : 0
      }
      guard shape.count <= ONNXTensor.maximumRank, shape.boundedProduct == tensor.values.count else {
        throw refuse(node, "\(shape) does not fit \(tensor.shape)")
      }
      result.shape = shape
    default:
      throw refuse(node, "transforms weights in an unsupported way; fold constants before exporting")
    }
    guard result.shape.boundedProduct == tensor.values.count else {
      throw refuse(node, "does not fit \(tensor.shape)")
    }
    return result
  }
}
