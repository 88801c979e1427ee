import WeftBase
import WeftLayers

/// Operators that repeat constants, vectors of each sequence, or final states.
extension ONNXGraphReader {
  // MARK: - Constants

  mutating func setFilled(_ node: ONNXProtoNode) {
    let tensor = node.attributes.first { $0.name == "value" }.flatMap {
      try? ONNXTensor($0.tensor, file: file)
    }
    set(node, .repeated(tensor ?? ONNXTensor(shape: [1], values: [0])))
  }

  /// Whether an operator multiplies a number that is repeated by a constant.
  func isFilled(_ node: ONNXProtoNode) -> Bool {
    guard case .repeated(let tensor) = operand(node, 0), tensor.values.count == 1 else { return false }
    return constant(node, 1)?.values.count == 1
  }

  mutating func setFilled(product node: ONNXProtoNode) {
    guard case .repeated(var tensor) = operand(node, 0), let factor = constant(node, 1)?.values.first else {
      return
    }
    tensor.values[0] *= factor
    set(node, .repeated(tensor))
  }

  /// Notes sizes that are compared with −1, by which exporters find those that an expansion keeps.
  mutating func noteEqual(_ node: ONNXProtoNode) {
    if let sizes = knownSizes(node, 0), case .repeated(let tensor) = operand(node, 1), tensor.values == [-1],
      let output = node.outputs.first
    {
      keptSizes[output] = sizes
    }
    set(node, .size)
  }

  /// Whether an operator replaces those of sizes that are −1 by 1.
  func isWithoutKept(_ node: ONNXProtoNode) -> Bool {
    guard node.inputs.count == 3, let kept = keptSizes[node.inputs[0]], kept == knownSizes(node, 2),
      case .repeated(let tensor) = operand(node, 1)
    else { return false }
    return tensor.values == [1]
  }

  mutating func setWithoutKept(_ node: ONNXProtoNode) {
    guard let sizes = knownSizes(node, 2) else { return }
    set(node, .sizes(sizes.map { $0 == .number(-1) ? .number(1) : $0 }))
  }

  /// `Expand` or `Tile`.
  mutating func readRepeat(_ node: ONNXProtoNode) throws(WeftError) {
    switch operand(node, 0) {
    case .constant(let tensor), .repeated(let tensor): setRepeated(tensor, node)
    case .state(let name): set(node, .state(name: name))
    default:
      guard let flow = flow(node, 0) else { return set(node, .size) }
      set(node, .flow(try repeated(flow, node)))
    }
  }

  /// Sizes to which an operator expands, or how often it repeats each axis; nil if unknown.
  private func repeats(_ node: ONNXProtoNode) -> [ONNXSize]? {
    switch operand(node, 1) {
    case .constant(let tensor): tensor.integers?.map { .number($0) }
    case .sizes(let sizes): sizes
    // Exporters expand by ones to the number of axes that there are.
    case .repeated(let tensor) where tensor.values == [1]: []
    default: nil
    }
  }

  /// Zeros that are expanded to states, with as many units; or states that are the same for all rows.
  private mutating func setRepeated(_ tensor: ONNXTensor, _ node: ONNXProtoNode) {
    if tensor.values.allSatisfy({ $0 == 0 }) || tensor.values.count == 1 {
      guard tensor.values == [0], case .sizes(let sizes)? = operand(node, 1),
        sizes.count == 3, case .number(let units) = sizes[2], (1...1 << 16).contains(units)
      else { return set(node, .repeated(tensor)) }
      return set(
        node, .repeated(ONNXTensor(shape: [1, 1, units], values: [Double](repeating: 0, count: units))))
    }
    guard let repeats = repeats(node), repeats.count <= tensor.shape.count else { return set(node, .size) }
    // An axis of one element stays so, as all of its elements are the same.
    let last = tensor.shape.suffix(repeats.count)
    let isKept = zip(last, repeats).allSatisfy { size, count in
      size == 1 || count == .number(1) || (node.operatorName == "Expand" && count == .number(size))
    }
    set(node, isKept ? .repeated(tensor) : .size)
  }

  /// A part or another arrangement of constants that are the same for all rows.
  func arranged(_ tensor: ONNXTensor, _ node: ONNXProtoNode) throws(WeftError) -> ONNXTensor {
    if tensor.values.allSatisfy({ $0 == 0 }) || tensor.values.count == 1 { return tensor }
    guard node.operatorName == "Slice" else { return try taken(changed(tensor, node)) }
    let axes = node.integers("axes") ?? constant(node, 3)?.integers ?? []
    guard axes.count == 1, let axis = tensor.axis(axes[0]) else {
      throw refuse(node, "takes a part of states in an unsupported way")
    }
    return tensor.shape[axis] == 1 ? tensor : try taken(changed(tensor, node))
  }

  // MARK: - Activations

  /// A vector of each sequence, or a final state, at every step.
  private mutating func repeated(_ input: ONNXFlow, _ node: ONNXProtoNode) throws(WeftError) -> ONNXFlow {
    guard let repeats = repeats(node), repeats.count <= input.axes.count else {
      throw refuse(node, "repeats an activation in an unknown way")
    }
    let first = input.axes.count - repeats.count
    let isExpansion = node.operatorName == "Expand"
    var place: (axis: Int, count: ONNXSize)?
    for (index, count) in repeats.enumerated() {
      let axis = input.axes[first + index]
      if count == .number(1)
        || (isExpansion && [.axes([axis]), input.size(of: axis).map { .number($0) }].contains(count))
      {
        continue
      }
      // The batch, in other words.
      if isExpansion, axis == .batch, count == .axes([.input(input.batchAxis)]) { continue }
      guard axis == .single, place == nil else {
        throw refuse(node, "repeats an activation along another axis than that of steps")
      }
      place = (first + index, count)
    }
    guard let place else { return input }
    guard input.axes.count == 3, place.axis < 2, input.axes[1 - place.axis] == .batch, input.flat == nil
    else {
      throw refuse(node, "repeats an activation along another axis than that of steps")
    }
    return input.isStatic
      ? try repeatedStatic(input, place.axis, place.count, node)
      : try repeatedFinals(input, place.axis, place.count, node)
  }

  private mutating func repeatedStatic(
    _ input: ONNXFlow, _ axis: Int, _ count: ONNXSize, _ node: ONNXProtoNode
  ) throws(WeftError) -> ONNXFlow {
    var result = input
    var steps = inputs?.steps
    if case .number(let number) = count {
      if let known = steps, known != number {
        throw refuse(node, "repeats a vector at \(number) steps beside sequences of \(known)")
      }
      if steps == nil {
        notes.append(
          "operator \(node.operatorName) repeats a vector at \(number) steps: sequences must have as many")
      }
      steps = number
    } else if count != .axes([.time]), count != .axes([.input(axis)]) {
      throw refuse(node, "repeats a vector at an unknown number of steps")
    }
    result.putAtEveryStep(axis: axis, steps: steps)
    return result
  }

  private mutating func repeatedFinals(
    _ input: ONNXFlow, _ axis: Int, _ count: ONNXSize, _ node: ONNXProtoNode
  ) throws(WeftError) -> ONNXFlow {
    guard input.pool == .last, input.part == nil, input.endsInFeatures else {
      throw refuse(node, "repeats something other than the final state of a layer")
    }
    var result = try take(node, 0)
    guard result.chain.repeatFinals() else {
      throw refuse(node, "repeats something other than the final state of a layer")
    }
    let features = features(input)
    result.pool = nil
    (result.width, result.directions) = (features, 1)
    result.axes[axis] = .time
    result.axes[2] = .features
    let (oldTime, steps) = (input.timeAxis, input.size(of: .time))
    let batch = input.size(of: .batch)
    (result.timeAxis, result.batchAxis) = (axis, 1 - axis)
    result.inputSizes = axis == 0 ? [steps, batch] : [batch, steps]
    switch count {
    case .number(let number):
      guard let steps else {
        throw refuse(
          node, "repeats a final state at \(number) steps of sequences of any length; export with fixed steps"
        )
      }
      guard number <= steps, number > 0 else {
        throw refuse(node, "repeats a final state at \(number) steps of sequences of \(steps)")
      }
      if number < steps {
        result.part = ONNXFlow.Part(count: number, steps: steps)
        result.inputSizes[axis] = number
      }
      notes.append(
        "operator \(node.operatorName) becomes a gru that keeps the final state; sequences must have the length that"
          + " the graph was made for"
          + (number < steps ? ", and the outputs of its \(number) steps are side by side" : ""))
    case .axes([.time]), .axes([.input(oldTime)]):
      notes.append("operator \(node.operatorName) becomes a gru that keeps the final state")
    default: throw refuse(node, "repeats a final state at an unknown number of steps")
    }
    return result
  }

  /// Operators whose outputs at a step depend on that step and those before it.
  private static let stepwise = Set<String>([
    "LSTM", "GRU", "RNN", "MatMul", "Gemm", "Identity", "Cast", "Dropout", "Transpose", "Reshape", "Squeeze",
    "Unsqueeze", "BatchNormalization", "LayerNormalization", "Softmax", "LogSoftmax", "Add", "Sub", "Mul",
    "Div",
  ]).union(functions)

  /// - Throws: If an operator reads some steps of sequences other than one by one.
  func checkSteps(_ node: ONNXProtoNode) throws(WeftError) {
    let flows = node.inputs.indices.compactMap { flow(node, $0) }
    guard let part = flows.lazy.compactMap(\.part).first else { return }
    let isRecurrent = Self.recurrentOperators.contains(node.operatorName)
    guard flows.count == 1, Self.stepwise.contains(node.operatorName), !isRecurrent || !part.isLeft else {
      throw refuse(
        node,
        part.isLeft
          ? "reads some steps of a sequence; Weft takes these at the end only"
          : "reads the steps of a vector that is repeated at fewer than sequences have, which is supported at the end only"
      )
    }
  }

  /// Takes some steps as one vector of outputs.
  mutating func joinSteps(_ flow: ONNXFlow, _ chain: inout BlockChain) throws(WeftError) {
    guard let part = flow.part else { return }
    guard !flow.hasSoftmax, flow.pool == nil, flow.axes == [.batch, .time, .features],
      chain.endInDense(features: features(flow)), chain.joinFirstOutputs(part.count, of: part.steps)
    else {
      throw .model(
        "\(file): its outputs are those of \(part.count) steps, which is supported without an activation at the end and"
          + " with the batch as the first axis")
    }
    if part.isLeft {
      notes.append("its outputs at \(part.count) steps are side by side, as those of direct forecasts")
    }
  }
}
