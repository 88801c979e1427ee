import KernelInterface
import WeftBase
import WeftLayers

/// Operators on windows of steps, or on all of them.
extension ONNXGraphReader {
  /// The activation of an operator whose operand has batch, features and time in this order, and the place after them of
  /// an axis of one element that TensorFlow's exporter adds; nil for none.
  private mutating func takeChannels(
    _ node: ONNXProtoNode
  ) throws(WeftError) -> (flow: ONNXFlow, single: Int?) {
    var flow = try take(node, 0)
    var single: Int?
    if flow.axes.count == 4, let place = flow.axes[2...].firstIndex(of: .single) {
      flow.axes.remove(at: place)
      single = place - 2
    }
    guard flow.axes.count == 3, flow.pool == nil, flow.flat == nil,
      flow.axes[0] == .batch || flow.axes[0].isInput, flow.axes[2] == .time || flow.axes[2].isInput,
      flow.axes[1] == .joined || (flow.axes[1] == .features && flow.directions == 1) || flow.isInput
    else { throw refuse(node, "does not read batch, features and steps, in this order") }
    if case .input(let axis) = flow.axes[0] { flow.batchAxis = axis }
    if case .input(let axis) = flow.axes[2] { flow.timeAxis = axis }
    flow.axes = [.batch, flow.axes[1], .time]
    return (flow, single)
  }

  /// The number for the axis of time in a list that an operator has for each axis of space.
  ///
  /// - Parameter single: The place of an axis of one element; nil for none.
  private func number(_ node: ONNXProtoNode, _ name: String, single: Int?) throws(WeftError) -> Int? {
    guard var list = node.integers(name) else { return nil }
    if let single, list.count == 2, list.remove(at: single) != 1 { list = [] }
    guard list.count == 1, (1...65536).contains(list[0]) else {
      throw refuse(node, "its \(name) is \(node.integers(name) ?? [])")
    }
    return list[0]
  }

  /// How windows go beyond the ends of sequences.
  ///
  /// - Parameters:
  ///   - span: Steps from a window's first to after its last.
  ///   - single: The place of an axis of one element; nil for none.
  ///   - allowsBefore: Whether windows may go beyond the start alone.
  private func padding(
    _ node: ONNXProtoNode, span: Int, single: Int?, allowsBefore: Bool
  ) throws(WeftError) -> ConvolutionPadding {
    switch node.text("auto_pad") ?? "NOTSET" {
    case "VALID": return .valid
    case "SAME_UPPER": return .same
    case "NOTSET": break
    case let other: throw refuse(node, "auto_pad \(other) is not supported")
    }
    var pads = node.integers("pads") ?? [0, 0]
    if let single, pads.count == 4, pads[single] == 0, pads[single + 2] == 0 {
      pads = [pads[1 - single], pads[3 - single]]
    }
    if pads == [0, 0] { return .valid }
    if allowsBefore, pads == [span - 1, 0] { return .causal }
    if pads == [(span - 1) / 2, span - 1 - (span - 1) / 2] { return .same }
    throw refuse(
      node,
      "pads \(pads) of windows of \(span) steps are not supported")
  }

  /// Steps between the windows that are kept of all, where a number of steps is given that windows go beyond both ends:
  /// `same` with a stride goes beyond them by what is missing for a whole number of strides.
  private func thinning(_ node: ONNXProtoNode, _ padding: ConvolutionPadding, stride: Int) -> Int {
    padding == .same && node.text("auto_pad") ?? "NOTSET" == "NOTSET" ? stride : 1
  }

  /// Sets what windows of steps give, one feature vector for each.
  ///
  /// - Parameter stride: Distance of the windows that are kept.
  private mutating func set(
    _ node: ONNXProtoNode, windowsOf input: ONNXFlow, single: Int?, features: Int?, _ block: NetworkBlock,
    keepingEvery stride: Int
  ) throws(WeftError) {
    var result = input
    var blocks = [block]
    if stride > 1 {
      blocks.append(.pooling(PoolingWindow(kind: .maximum, width: 1, stride: stride, padding: .valid)))
    }
    for block in blocks { try append(block, to: &result, node) }
    if let single { result.axes.insert(.single, at: single + 2) }
    if result.inputSizes.indices.contains(result.timeAxis) {
      // Later operators may have sizes of their own operand.
      result.inputSizes[result.timeAxis] = result.inputSizes[result.timeAxis].map {
        blocks.reduce($0) { $1.configuration.outputLength($0) }
      }
    }
    if let features {
      set(node, result, features: features, at: 1)
    } else {
      result.isInput = false
      set(node, .flow(result))
    }
  }

  /// `Conv` over time.
  mutating func readConvolution(_ node: ONNXProtoNode) throws(WeftError) {
    let (flow, single) = try takeChannels(node)
    var kernel = constant(node, 1) ?? ONNXTensor(shape: [], values: [])
    if let single, kernel.shape.count == 4, kernel.shape[single + 2] == 1 {
      kernel.shape.remove(at: single + 2)
    }
    guard kernel.shape.count == 3, !kernel.values.isEmpty else {
      throw refuse(node, "its kernel is not a constant over one axis")
    }
    guard node.integer("group") ?? 1 == 1 else { throw refuse(node, "groups are not supported") }
    let (filters, inputs, width) = (kernel.shape[0], kernel.shape[1], kernel.shape[2])
    let (stride, dilation) = (
      try number(node, "strides", single: single) ?? 1, try number(node, "dilations", single: single) ?? 1
    )
    guard width <= 4096, stride <= 4096 else { throw refuse(node, "reads \(width) steps at once") }
    let padding = try padding(node, span: (width - 1) * dilation + 1, single: single, allowsBefore: true)
    let thinning = thinning(node, padding, stride: stride)
    guard operand(node, 2) == nil || constant(node, 2)?.values.count == filters else {
      throw refuse(node, "its bias is not in the file, or not one value per filter")
    }
    try take(floats: 2 * kernel.values.count)
    // From [filters, inputs, width] to [width × inputs, filters].
    let values = kernel.transposed([2, 1, 0]).floats
    let convolution = ConvolutionWeights(
      dense: DenseWeights(
        weights: WeightMatrix(rows: width * inputs, columns: filters, values: values),
        bias: constant(node, 2)?.floats ?? [Float](repeating: 0, count: filters)),
      width: width, stride: thinning > 1 ? 1 : stride, dilation: dilation, padding: padding,
      activation: .linear)
    try set(
      node, windowsOf: flow, single: single, features: filters, .convolution(convolution),
      keepingEvery: thinning)
  }

  /// `MaxPool` or `AveragePool` over time.
  mutating func readWindowPooling(_ node: ONNXProtoNode) throws(WeftError) {
    let (flow, single) = try takeChannels(node)
    let isMean = node.operatorName == "AveragePool"
    guard let width = try number(node, "kernel_shape", single: single), width <= 4096 else {
      throw refuse(node, "its windows are not over one axis")
    }
    let stride = try number(node, "strides", single: single) ?? 1
    guard stride <= 4096, try number(node, "dilations", single: single) ?? 1 == 1,
      node.integer("ceil_mode") ?? 0 == 0
    else {
      throw refuse(node, "dilations and ceil_mode are not supported")
    }
    let padding = try padding(node, span: width, single: single, allowsBefore: false)
    let thinning = thinning(node, padding, stride: stride)
    if isMean, padding != .valid, node.integer("count_include_pad") ?? 0 != 0 {
      throw refuse(node, "count_include_pad is not supported")
    }
    let pooling = PoolingWindow(
      kind: isMean ? .mean : .maximum, width: width, stride: thinning > 1 ? 1 : stride, padding: padding)
    try set(
      node, windowsOf: flow, single: single, features: nil, .pooling(pooling), keepingEvery: thinning)
  }

  /// `GlobalAveragePool`, `GlobalMaxPool`, `ReduceMean` or `ReduceMax` over all steps.
  mutating func readGlobalPooling(_ node: ONNXProtoNode) throws(WeftError) {
    if node.operatorName == "ReduceSum" {
      throw refuse(node, "is supported for states times weights of steps")
    }
    var flow: ONNXFlow
    var keepsAxis = true
    var place = 2
    if node.operatorName.hasPrefix("Global") {
      let (channels, single) = try takeChannels(node)
      guard single == nil else {
        throw refuse(node, "does not read batch, features and steps, in this order")
      }
      flow = channels
    } else {
      flow = try take(node, 0)
      keepsAxis = node.integer("keepdims") ?? 1 != 0
      guard let axes = node.integers("axes") ?? constant(node, 1)?.integers, axes.count == 1 else {
        throw refuse(node, "is supported over one axis")
      }
      place = axes[0] < 0 ? axes[0] &+ flow.axes.count : axes[0]
    }
    guard flow.axes.indices.contains(place), flow.axes[place] == .time, flow.pool == nil, flow.flat == nil,
      flow.directions == 1 || flow.axes.contains(.joined)
    else { throw refuse(node, "is supported over the steps of a layer's states") }
    flow.pool = ["GlobalMaxPool", "ReduceMax"].contains(node.operatorName) ? .maximum : .mean
    if keepsAxis { flow.axes[place] = .single } else { flow.axes.remove(at: place) }
    set(node, .flow(flow))
  }

  /// `Flatten` of features, or of all steps of sequences whose length the graph fixes.
  mutating func readFlatten(_ node: ONNXProtoNode) throws(WeftError) {
    guard var flow = flow(node, 0) else { return set(node, .size) }
    if isBatchFirst, flow.axes.count == 3, let input = flow.batchFirstInput { flow = input }
    guard node.integer("axis") ?? 1 == 1, flow.axes.first == .batch || flow.axes.first == .input(0) else {
      throw refuse(node, "joins other axes than those after the batch")
    }
    let axes = flow.axes.dropFirst().filter { $0 != .single && !($0 == .directions && flow.directions == 1) }
    if axes == [.joined] || (axes == [.features] && flow.directions == 1) {
      var result = flow
      result.axes = [flow.axes[0]] + axes
      return set(node, .flow(result))
    }
    guard let flat = flat(flow, Array(axes)) else {
      throw refuse(node, "needs a fixed number of steps; pool them instead")
    }
    set(node, .flow(flat))
  }

  /// A `Reshape` that puts all steps of sequences side by side; nil for others.
  func flattened(_ flow: ONNXFlow, to shape: [Int]) -> ONNXFlow? {
    var flow = flow
    if isBatchFirst, flow.axes.count == 3, let input = flow.batchFirstInput { flow = input }
    guard shape.count == 2, flow.axes.first == .batch || flow.axes.first == .input(0),
      [flow.size(of: flow.axes[0]) ?? -1, -1, 0].contains(shape[0]), shape != [-1, -1],
      let flat = flat(flow, Array(flow.axes.dropFirst())), let steps = flat.flat?.steps,
      let features = features(flow), [[steps, features].boundedProduct ?? 0, -1].contains(shape[1])
    else { return nil }
    return flat
  }

  /// All steps of sequences of a fixed length side by side, from these axes after the batch; nil if the length is not
  /// fixed, or there are other axes.
  private func flat(_ flow: ONNXFlow, _ axes: [ONNXFlow.Axis]) -> ONNXFlow? {
    let isFeatures = { (axis: ONNXFlow.Axis?) in
      axis == .joined || (axis == .features && flow.directions == 1)
    }
    guard axes.count == 2, flow.pool == nil, flow.flat == nil, flow.part == nil, axes.contains(.time),
      let steps = flow.size(of: .time), (1...4096).contains(steps),
      isFeatures(axes.first { $0 != .time })
    else { return nil }
    var result = flow
    result.flat = ONNXFlow.Flat(steps: steps, featuresFirst: axes[0] != .time)
    result.axes = [flow.axes[0], .features]
    return result
  }
}
