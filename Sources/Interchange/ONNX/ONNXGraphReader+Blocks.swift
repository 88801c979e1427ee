import KernelInterface
import WeftBase
import WeftLayers

/// Operators between the recurrent ones: products, functions, scalings.
extension ONNXGraphReader {
  /// The activation that a layer reads, with its pooling in the chain.
  ///
  /// - Throws: If it is not known, or nothing can follow it.
  func take(_ node: ONNXProtoNode, _ index: Int) throws(WeftError) -> ONNXFlow {
    guard var flow = flow(node, index) else {
      throw refuse(node, "does not read the inputs, or the states of a layer at all steps")
    }
    try checkNotArranged(flow, node)
    if flow.hasSoftmax { throw refuse(node, "comes after Softmax, which is supported at the end only") }
    if let kind = flow.pool, !flow.chain.isPooled, !flow.chain.append(.pool(kind)) { throw unjoined(node) }
    return flow
  }

  /// - Throws: If the outputs are in several axes, after which nothing can follow.
  func checkNotArranged(_ flow: ONNXFlow, _ node: ONNXProtoNode) throws(WeftError) {
    if flow.isArranged {
      throw refuse(node, "comes after a reshape of the outputs, which is supported at the end only")
    }
  }

  /// Adds a block that a layer is.
  func append(_ block: NetworkBlock, to flow: inout ONNXFlow, _ node: ONNXProtoNode) throws(WeftError) {
    guard flow.chain.append(block) else { throw unjoined(node) }
  }

  func unjoined(_ node: ONNXProtoNode) -> WeftError {
    refuse(node, "cannot be joined with the normalization before it")
  }

  /// Sets what a layer computes: features at the place of others.
  mutating func set(
    _ node: ONNXProtoNode, _ input: ONNXFlow, features: Int, at axis: Int? = nil
  ) {
    var result = input
    (result.isInput, result.isOfCells) = (false, false)
    result.width = features
    result.directions = 1
    result.flat = nil
    result.axes[axis ?? result.axes.count - 1] = .features
    set(node, .flow(result))
  }

  /// Features of an activation; nil if unknown.
  func features(_ flow: ONNXFlow) -> Int? {
    flow.axes.contains(.joined) ? flow.size(of: .joined) : flow.width
  }

  /// x W, and of `Gemm` + b.
  mutating func readProduct(_ node: ONNXProtoNode) throws(WeftError) {
    guard flow(node, 0) != nil else {
      if node.inputs.indices.contains(where: { self.flow(node, $0) != nil }) {
        throw refuse(node, "multiplies from the left")
      }
      return set(node, .size)
    }
    guard var tensor = constant(node, 1), (1...2).contains(tensor.shape.count), !tensor.values.isEmpty else {
      throw refuse(node, "its second factor is not a weight matrix")
    }
    let isVector = tensor.shape.count == 1
    if isVector { tensor.shape.append(1) }
    var flow = try take(node, 0)
    if isBatchFirst, inputs == nil, flow.axes.count == 2, let list = flow.batchFirstInput {
      flow = list
      notes.append("its inputs, \(tensor.shape[0]) numbers, are taken as steps of one number each")
    }
    guard flow.endsInFeatures || flow.flat != nil || endsInInputs(flow) else {
      throw refuse(node, "does not read the features of steps, or of pooled sequences")
    }
    try take(floats: 2 * tensor.values.count)
    var weights = WeightMatrix(rows: tensor.shape[0], columns: tensor.shape[1], values: tensor.floats)
    var bias: [Float]?
    if node.operatorName == "Gemm" {
      for name in ["alpha", "beta"] where node.attribute(name).map({ $0.float != 1 }) ?? false {
        throw refuse(node, "\(name) must be 1")
      }
      guard node.integer("transA") ?? 0 == 0 else { throw refuse(node, "transA must be 0") }
      if node.integer("transB") ?? 0 != 0 { weights = weights.transposed }
      if operand(node, 2) != nil {
        guard let tensor = constant(node, 2), [1, weights.columns].contains(tensor.values.count) else {
          throw refuse(node, "its bias is not in the file, or not one value per output")
        }
        bias =
          tensor.values.count == 1
          ? [Float](repeating: tensor.floats[0], count: weights.columns) : tensor.floats
      }
    }
    let dense = DenseWeights(
      weights: weights, bias: bias ?? [Float](repeating: 0, count: weights.columns))
    if let flat = flow.flat {
      try appendFlat(dense, flat, to: &flow, node)
    } else {
      try append(.dense(dense, .linear), to: &flow, node)
    }
    set(node, flow, features: weights.columns)
    if isVector, let name = node.outputs.first, case .flow(var result) = values[name] {
      result.axes.removeLast()
      values[name] = .flow(result)
    }
  }

  /// Whether the last axis is that of the graph input's features.
  private func endsInInputs(_ flow: ONNXFlow) -> Bool {
    flow.isInput && flow.axes.count == 3 && flow.axes.last == .input(2)
  }

  /// A product with all steps of sequences of one length.
  private mutating func appendFlat(
    _ dense: DenseWeights, _ flat: ONNXFlow.Flat, to flow: inout ONNXFlow, _ node: ONNXProtoNode
  ) throws(WeftError) {
    var dense = dense
    let (steps, rows) = (flat.steps, dense.weights.rows)
    guard rows % steps == 0 else { throw refuse(node, "has \(rows) inputs for \(steps) steps") }
    if flat.featuresFirst {
      let (features, columns) = (rows / steps, dense.weights.columns)
      var ordered = dense.weights
      for row in 0..<rows {
        let source = row % features * steps + row / features
        ordered.values.replaceSubrange(
          row * columns..<(row + 1) * columns, with: dense.weights.row(source))
      }
      dense.weights = ordered
    }
    guard flow.chain.appendFlat(dense, steps: steps) else { throw unjoined(node) }
    notes.append(
      "operator \(node.operatorName) reads \(steps) steps at once: sequences must have the length that the graph"
        + " was made for")
  }

  /// `Add`, `Sub`, `Mul` or `Div` of an activation and constants, one for each feature.
  mutating func readArithmetic(_ node: ONNXProtoNode) throws(WeftError) {
    if node.operatorName == "Mul", try readSigmoidLinear(node) { return }
    if node.inputs.count == 2, flow(node, 0) != nil, flow(node, 1) != nil,
      let merge = ["Add": DirectionMerge.sum, "Mul": .product][node.operatorName]
    {
      return try readJoin(node, merge)
    }
    let place = flow(node, 0) == nil ? 1 : 0
    guard let tensor = constant(node, 1 - place) else {
      throw refuse(node, "takes two activations, or one that is not known")
    }
    var flow = try take(node, place)
    guard let (numbers, axis) = vector(tensor, of: flow) else {
      throw refuse(node, "its constant is not one number for each feature")
    }
    let ones = [Float](repeating: 1, count: numbers.count)
    let zeros = [Float](repeating: 0, count: numbers.count)
    let scaling: InputScaling
    switch (node.operatorName, place) {
    case ("Add", _): scaling = InputScaling(factors: ones, shifts: numbers)
    case ("Sub", 0): scaling = InputScaling(factors: ones, shifts: numbers.map { -$0 })
    case ("Sub", _): scaling = InputScaling(factors: ones.map { -$0 }, shifts: numbers)
    case ("Mul", _): scaling = InputScaling(factors: numbers, shifts: zeros)
    case ("Div", 0): scaling = InputScaling(factors: numbers.map { 1 / $0 }, shifts: zeros)
    default: throw refuse(node, "divides by an activation")
    }
    try scale(by: scaling, &flow, node)
    set(node, flow, features: numbers.count, at: axis)
  }

  /// x·σ(x), which other programs write as two operators.
  ///
  /// - Returns: Whether it is that.
  private mutating func readSigmoidLinear(_ node: ONNXProtoNode) throws(WeftError) -> Bool {
    guard node.inputs.count == 2,
      let place = (0..<2).first(where: { sigmoids[node.inputs[$0]] == node.inputs[1 - $0] }),
      var flow = flow(node, place), flow.chain.replaceSigmoid(by: .silu)
    else { return false }
    set(node, .flow(flow))
    return true
  }

  private mutating func scale(
    by scaling: InputScaling, _ flow: inout ONNXFlow, _ node: ONNXProtoNode
  ) throws(WeftError) {
    // Weights that absorb it are a copy, as other branches may scale them in other ways.
    switch flow.chain.blocks.last {
    case .dense(let dense, _): try take(floats: dense.weights.values.count)
    case .convolution(let convolution): try take(floats: convolution.dense.weights.values.count)
    default: break
    }
    guard flow.flat == nil, flow.chain.scale(by: scaling) else {
      throw refuse(node, "its numbers do not match the features")
    }
  }

  /// Constants as one number for each feature, and the axis of these; nil if they are for other axes.
  private func vector(_ tensor: ONNXTensor, of flow: ONNXFlow) -> (numbers: [Float], axis: Int)? {
    let axes = flow.axes
    func isFeatures(_ axis: Int) -> Bool {
      axes[axis] == .joined || (axes[axis] == .features && flow.directions == 1)
        || (axis == axes.count - 1 && endsInInputs(flow))
    }
    guard tensor.shape.count <= axes.count, !tensor.values.isEmpty else { return nil }
    if tensor.values.count == 1 {
      guard let axis = axes.indices.first(where: isFeatures),
        let count = features(flow) ?? flow.size(of: axes[axis])
      else { return nil }
      return ([Float](repeating: tensor.floats[0], count: count), axis)
    }
    let first = axes.count - tensor.shape.count
    let long = tensor.shape.indices.filter { tensor.shape[$0] != 1 }
    guard long.count == 1, isFeatures(first + long[0]) else { return nil }
    return (tensor.floats, first + long[0])
  }

  /// `BatchNormalization` with its running statistics.
  mutating func readBatchNormalization(_ node: ONNXProtoNode) throws(WeftError) {
    var flow = try take(node, 0)
    let vectors = (1...4).compactMap { constant(node, $0)?.values }
    let axis = flow.axes.count > 1 ? flow.axes[1] : .single
    guard vectors.count == 4, let count = vectors.first?.count, vectors.allSatisfy({ $0.count == count }),
      count > 0, flow.axes.count == 2 || flow.axes.count == 3, node.integer("training_mode") ?? 0 == 0,
      flow.flat == nil, axis == .joined || (axis == .features && flow.directions == 1) || flow.isInput
    else { throw refuse(node, "its numbers are not constant, or not one for each feature") }
    let epsilon = Double(node.attribute("epsilon")?.float ?? 1e-5)
    let factors = zip(vectors[0], vectors[3]).map { $0 / ($1 + epsilon).squareRoot() }
    let shifts = zip(factors, zip(vectors[1], vectors[2])).map { $1.0 - $0 * $1.1 }
    try scale(
      by: InputScaling(factors: factors.map { Float($0) }, shifts: shifts.map { Float($0) }), &flow, node)
    notes.append("\(node.operatorName) becomes part of the weights beside it, with its running statistics")
    set(node, flow, features: count, at: 1)
  }

  /// `LayerNormalization` over the features.
  mutating func readLayerNormalization(_ node: ONNXProtoNode) throws(WeftError) {
    var flow = try take(node, 0)
    let axis = node.integer("axis") ?? -1
    guard axis == -1 || axis == flow.axes.count - 1, flow.endsInFeatures || endsInInputs(flow),
      flow.flat == nil, node.outputs.count == 1, let gain = constant(node, 1)?.floats, !gain.isEmpty,
      let bias = operand(node, 2) == nil
        ? [Float](repeating: 0, count: gain.count) : constant(node, 2)?.floats,
      bias.count == gain.count
    else { throw refuse(node, "is supported over the last axis, with constant scale and bias") }
    let epsilon = node.attribute("epsilon")?.float ?? 1e-5
    guard epsilon > 0, epsilon <= 1 else { throw refuse(node, "its epsilon is \(epsilon)") }
    try append(.normalization(gain: gain, bias: bias, epsilon: epsilon), to: &flow, node)
    set(node, flow, features: gain.count)
  }
}
