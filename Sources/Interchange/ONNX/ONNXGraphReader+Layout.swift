import WeftBase

extension ONNXGraphReader {
  /// Operators that transpose, merge or remove axes.
  mutating func readLayout(_ node: ONNXProtoNode) throws(WeftError) {
    if flow(node, 0)?.flat != nil { throw refuse(node, "arranges all steps side by side") }
    guard let flow = flow(node, 0) else {
      // Zero initial states may be transposed as well.
      switch operand(node, 0) {
      case .repeated(let tensor): return set(node, .repeated(try arranged(tensor, node)))
      case .state(let name): return set(node, .state(name: name))
      default: return set(node, .size)
      }
    }
    try checkNotArranged(flow, node)
    switch node.operatorName {
    case "Transpose": set(node, .flow(try transposed(flow, node)))
    case "Squeeze": set(node, .flow(try squeezed(flow, node)))
    case "Unsqueeze": set(node, .flow(try unsqueezed(flow, node)))
    case "Reshape":
      if let outputs = arranged(flow, node) { return set(node, .flow(outputs)) }
      set(node, .flow(try reshaped(flow, node)))
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
    let isSingle = flow.axes.map { axis in
      // The one output of a network may lose its axis at the end.
      axis == .single || (axis == .directions && flow.directions == 1)
        || (axis == .features && flow.directions == 1 && flow.width == 1 && !flow.chain.blocks.isEmpty)
    }
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
    // Lists of numbers become steps of one feature each.
    if flow.isInput, flow.axes == [.input(0), .input(1)], places == [2] {
      result.axes[2] = .features
      result.width = 1
    }
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
    // Directions and features may be joined, and axes of one element go.
    let whole = Array(flow.axes.enumerated()).map { (place: $0.offset, axis: $0.element) }
    var joined = whole
    if let place = flow.axes.firstIndex(of: .directions), flow.axes.dropFirst(place + 1).first == .features {
      joined[place].axis = .joined
      joined.remove(at: place + 1)
    }
    for axes in [whole, joined] {
      let kept = axes.filter { $0.axis != .single && !($0.axis == .directions && flow.directions == 1) }
      for candidate in [axes, kept] where keeps(candidate, of: flow, shape, node) {
        result.axes = candidate.map(\.axis)
        return result
      }
    }
    if let flat = flattened(flow, to: shape) { return flat }
    if let axes = axesWithoutSingles(of: flow, shape) {
      result.axes = axes
      return result
    }
    throw refuse(
      node,
      "\(shape) reshapes \(flow.axes.count) axes in a way that depends on the sizes of a batch, or that is not"
        + " supported; export with dynamic axes")
  }

  /// The outputs of pooled sequences in several axes, such as steps of a forecast, or without the axis of one output;
  /// nil for other shapes.
  private mutating func arranged(_ flow: ONNXFlow, _ node: ONNXProtoNode) -> ONNXFlow? {
    guard flow.axes == [.batch, .features], flow.directions == 1, flow.pool != nil || flow.chain.isPooled,
      let count = flow.width, !flow.chain.blocks.isEmpty
    else { return nil }
    var shape: [Int?] = []
    switch operand(node, 1) {
    case .constant(let tensor): shape = tensor.integers ?? []
    case .sizes(let sizes):
      shape = sizes.map { size in
        switch size {
        case .axes([.batch]), .axes([.input(flow.batchAxis)]): -1
        case .number(let number): number
        case .axes: nil
        }
      }
    default: return nil
    }
    let numbers = shape.compactMap(\.self)
    guard numbers.count == shape.count, let first = numbers.first,
      first == -1 || first == flow.size(of: .batch),
      numbers.count != 2 || count == 1, numbers.dropFirst().allSatisfy({ $0 > 0 }),
      Array(numbers.dropFirst()).boundedProduct == count
    else { return nil }
    var result = flow
    if numbers.count == 1 {
      result.axes = [.batch]
    } else if numbers.count > 2 {
      result.isArranged = true
      notes.append(
        "operator Reshape is ignored: the \(count) outputs are side by side, as those of direct forecasts")
    }
    return result
  }

  /// The axes of a shape that moves, adds or removes axes of one element; nil for others.
  private func axesWithoutSingles(of flow: ONNXFlow, _ shape: [Int]) -> [ONNXFlow.Axis]? {
    guard shape.filter({ $0 == -1 }).count <= 1, !shape.contains(0) else { return nil }
    var rest = flow.axes.filter { $0 != .single && !($0 == .directions && flow.directions == 1) }[...]
    var result: [ONNXFlow.Axis] = []
    for size in shape {
      if size == 1, rest.first.map({ flow.size(of: $0) != 1 }) ?? true {
        result.append(.single)
        continue
      }
      guard let axis = rest.popFirst(), size == -1 || flow.size(of: axis) == size else { return nil }
      result.append(axis)
    }
    return rest.isEmpty ? result : nil
  }

  /// Whether a shape leaves axes as they are: at most one is left to be found, those of 0 are copied from their own
  /// place, and others have the size that the file fixes.
  private func keeps(
    _ axes: [(place: Int, axis: ONNXFlow.Axis)], of flow: ONNXFlow, _ shape: [Int], _ node: ONNXProtoNode
  ) -> Bool {
    guard axes.count == shape.count, shape.filter({ $0 == -1 }).count <= 1 else { return false }
    let copiesZeros = node.integer("allowzero") ?? 0 == 0
    return zip(axes.enumerated(), shape).allSatisfy { axis, size in
      switch size {
      case -1: true
      case 0: copiesZeros && axis.element.place == axis.offset
      default: size > 0 && flow.size(of: axis.element.axis) == size
      }
    }
  }

  private func sliced(_ flow: ONNXFlow, _ node: ONNXProtoNode) throws(WeftError) -> ONNXFlow {
    let starts = node.integers("starts") ?? constant(node, 1)?.integers
    let ends = node.integers("ends") ?? constant(node, 2)?.integers
    let axes = node.integers("axes") ?? constant(node, 3)?.integers ?? [0]
    guard let starts, let ends, starts.count == 1, ends.count == 1, axes.count == 1,
      constant(node, 4)?.integers ?? [1] == [1]
    else { throw refuse(node, "takes steps other than the last") }
    let place = axes[0] < 0 ? axes[0] &+ flow.axes.count : axes[0]
    let extent = flow.axes.indices.contains(place) ? flow.size(of: flow.axes[place]) : nil
    if let part = part(of: flow, at: place, from: starts[0], to: ends[0]) { return part }
    guard isLast(starts[0], of: flow, at: place), ends[0] > 1 << 30 || extent.map({ ends[0] >= $0 }) ?? false
    else {
      throw refuse(node, "takes steps other than the last")
    }
    return try lastStep(flow, at: place, keepsAxis: true, node)
  }

  /// Some steps of a layer's outputs, as those of direct forecasts; nil for others.
  private func part(of flow: ONNXFlow, at place: Int, from start: Int, to end: Int) -> ONNXFlow? {
    guard flow.axes.indices.contains(place), flow.axes[place] == .time, !flow.isInput, flow.pool == nil,
      flow.flat == nil, flow.part == nil, flow.directions == 1 || flow.axes.contains(.joined)
    else { return nil }
    let size = flow.size(of: .time)
    func fromEnd(_ index: Int) -> Int? { index < 0 ? 0 &- index : size.map { max($0 - index, 0) } }
    guard let first = fromEnd(start), let after = end > 1 << 30 ? 0 : fromEnd(end), after >= 0,
      first > after + 1,
      first <= min(size ?? 4096, 4096)
    else { return nil }
    var result = flow
    if first == size, after == 0 { return result }
    result.part = ONNXFlow.Part(count: first - after, steps: first, isLeft: true)
    if flow.inputSizes.indices.contains(flow.timeAxis) { result.inputSizes[flow.timeAxis] = first - after }
    return result
  }

  /// Whether an index of an axis is that of its last element.
  func isLast(_ index: Int, of flow: ONNXFlow, at place: Int) -> Bool {
    if index == -1 { return true }
    guard index >= 0, flow.axes.indices.contains(place), let size = flow.size(of: flow.axes[place]) else {
      return false
    }
    return index == size - 1
  }

  /// What an operator computes from constants alone; nil for others.
  func computed(_ node: ONNXProtoNode) throws(WeftError) -> ONNXTensor? {
    guard let tensor = constant(node, 0) else { return nil }
    switch node.operatorName {
    case "Unsqueeze", "Squeeze", "Reshape":
      // The numbers are the same, without a copy.
      return try changed(tensor, node)
    case "Transpose", "Slice": return try taken(changed(tensor, node))
    case "Identity": return tensor
    case "Cast":
      // To integers, numbers lose their fractions.
      let isWhole = [ElementType.int32, .int64].contains { Int($0.rawValue) == node.integer("to") }
      guard isWhole else { return tensor }
      return try taken(ONNXTensor(shape: tensor.shape, values: tensor.values.map { $0.rounded(.towardZero) }))
    case "Concat":
      let all = node.inputs.indices.compactMap { constant(node, $0) }
      guard all.count == node.inputs.count else { return nil }
      for tensor in all { try take(floats: 2 * tensor.values.count) }
      return try concatenated(all, node)
    case "Gather":
      guard let indices = constant(node, 1) else { return nil }
      return try gathered(tensor, indices, node)
    default: return nil
    }
  }

  /// Constants with permuted axes.
  func changed(_ tensor: ONNXTensor, _ node: ONNXProtoNode) throws(WeftError) -> ONNXTensor {
    var result = tensor
    switch node.operatorName {
    case "Slice": return try sliced(tensor, node)
    case "Transpose":
      let order = node.integers("perm") ?? Array(tensor.shape.indices.reversed())
      guard order.count == tensor.shape.count, order.sorted() == Array(tensor.shape.indices) else {
        throw refuse(node, "perm \(order) does not match \(tensor.shape.count) axes")
      }
      return tensor.transposed(order)
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
