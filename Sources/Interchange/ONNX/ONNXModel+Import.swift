import WeftBase

extension ONNXModel {
  /// The network that the graph computes.
  ///
  /// The graph must be a single chain: tokens with an embedding lookup, or features; `LSTM`, `GRU` or `RNN`; a matrix
  /// product with a bias. Axes are tracked through transposes and reshapes, so that other computations are rejected.
  /// - Parameters:
  ///   - weights: Values of graph inputs that are weights.
  ///   - file: For errors.
  /// - Throws: If an operator is not supported; the message names it.
  package func network(
    weights: [String: ONNXTensor] = [:], file: String
  ) throws(WeftError) -> ImportedNetwork {
    let external = try ONNXExternalData(message, path: path)
    var reader = ONNXGraphReader(file: file, producer: message.producerName, external: external)
    for tensor in message.graph.initializers {
      reader.values[tensor.name] = .constant(
        try reader.taken(ONNXTensor(tensor, external: external, budget: reader.budget, file: file)))
    }
    for (name, tensor) in weights { reader.values[name] = .constant(tensor) }
    for input in message.graph.inputs where reader.values[input.name] == nil { reader.addInput(input) }
    reader.markStates(message.graph)
    for node in message.graph.nodes { try reader.collect(node) }
    try reader.checkOperators(of: message)
    try reader.obstacles.check()
    let network = try reader.network(outputs: message.graph.outputs.map(\.name))
    try network.check(file: file)
    let entries = Dictionary(message.metadata.map { ($0.key, $0.value) }) { $1 }
    return ImportedNetwork(network, metadata: NetworkMetadata(entries), notes: reader.notes)
  }
}

/// Builds a network from a graph's operators, in order.
struct ONNXGraphReader {
  let file: String
  let budget: FileBudget
  /// The program that wrote the file.
  let producer: String
  let external: ONNXExternalData
  var obstacles: Obstacles
  var values: [String: ONNXGraphValue] = [:]
  var notes: [String] = []
  var embedding: WeightMatrix?
  var levels: [[RecurrentWeights]] = []
  var output: DenseWeights?
  var activation = NetworkDescription.OutputActivation.none

  init(file: String, producer: String, external: ONNXExternalData) {
    self.file = file
    self.producer = producer
    self.external = external
    obstacles = Obstacles(file: file)
    budget = FileBudget(of: file, others: external.byteCount)
  }

  /// Takes the memory of constants, of which an operator may make a copy, from the file's budget.
  func taken(_ tensor: ONNXTensor) throws(WeftError) -> ONNXTensor {
    try budget.take(bytes: [tensor.values.count, MemoryLayout<Double>.stride].boundedProduct)
    return tensor
  }

  /// Takes the memory of copied weights from the file's budget.
  func take(floats count: Int) throws(WeftError) {
    try budget.take(bytes: [count, MemoryLayout<Float>.stride].boundedProduct)
  }

  mutating func addInput(_ input: ONNXProtoValue) {
    let dimensions = input.type.tensor.shape.dimensions.prefix(ONNXTensor.maximumRank + 1)
    values[input.name] = .input(
      name: input.name,
      sizes: dimensions.map { if case .fixed(let size)? = $0.size, size > 0 { Int(size) } else { nil } })
  }

  func network(outputs: [String]) throws(WeftError) -> NetworkDescription {
    let flows = outputs.compactMap { if case .flow(let flow) = values[$0] { flow } else { nil } }
    guard let first = levels.first?.first else {
      throw .failure("\(file): contains none of the operators LSTM, GRU and RNN")
    }
    guard let flow = flows.first(where: { $0.levels == levels.count && $0.stage != .inputs }),
      (flow.stage == .outputs) == (output != nil)
    else { throw .failure("\(file): none of its outputs comes from the last layer") }
    var network = NetworkDescription(
      input: embedding.map { .tokens($0.rows) } ?? .features(first.inputs), embedding: embedding,
      levels: levels, outputSteps: flow.axes.contains(.time) ? .everyStep : .lastStep, output: output)
    network.activation = activation
    return network
  }

  func refuse(_ node: ONNXProtoNode, _ complaint: String) -> WeftError {
    let name = node.name.isEmpty ? "" : " '\(node.name)'"
    return .failure("\(file): operator \(node.operatorName)\(name): \(complaint)")
  }

  /// The value of an operand; nil if omitted.
  func operand(_ node: ONNXProtoNode, _ index: Int) -> ONNXGraphValue? {
    index < node.inputs.count && !node.inputs[index].isEmpty ? values[node.inputs[index]] : nil
  }

  func constant(_ node: ONNXProtoNode, _ index: Int) -> ONNXTensor? {
    if case .constant(let tensor) = operand(node, index) { tensor } else { nil }
  }

  func flow(_ node: ONNXProtoNode, _ index: Int) -> ONNXFlow? {
    switch operand(node, index) {
    case .flow(let flow): flow
    case .input(_, let sizes):
      ONNXFlow(axes: sizes.indices.map { .input($0) }, stage: .inputs, inputSizes: sizes)
    default: nil
    }
  }

  /// Operators that are read, as layers or as ways of arranging their operands.
  static let operators: Set = [
    "LSTM", "GRU", "RNN", "Constant", "Shape", "Size", "Expand", "ConstantOfShape", "Gather", "MatMul",
    "Gemm",
    "Add", "Softmax", "LogSoftmax", "Sigmoid", "Identity", "Cast", "Dropout", "Transpose", "Reshape",
    "Squeeze",
    "Unsqueeze", "Slice", "Concat",
  ]

  /// Reads an operator, or notes why that is not possible.
  ///
  /// - Throws: If the file takes more than its budget.
  mutating func collect(_ node: ONNXProtoNode) throws(WeftError) {
    let isObstructed = node.inputs.contains { if case .obstructed = values[$0] { true } else { false } }
    do throws(WeftError) {
      if !isObstructed { return try read(node) }
      try budget.take(objects: 1)
      if node.operatorName == "Shape" { return set(node, .size) }
      // What follows an obstacle is not known, but whether it could be read is.
      if !Self.operators.contains(node.operatorName) { throw refuse(node, "is not supported") }
    } catch {
      guard error.message.hasPrefix("\(file): operator ") else { throw error }
      obstacles.add(error)
    }
    for name in node.outputs { values[name] = .obstructed }
  }

  private mutating func read(_ node: ONNXProtoNode) throws(WeftError) {
    try budget.take(objects: 1)
    guard node.domain.isEmpty || node.domain == "ai.onnx" else {
      throw refuse(node, "belongs to the domain \(node.domain), not to ONNX")
    }
    if let sizes = sizes(node) { return set(node, .sizes(sizes)) }
    if try readFinals(node) { return }
    if let tensor = try computed(node) { return set(node, .constant(tensor)) }
    let hasFlow = node.inputs.indices.contains { flow(node, $0) != nil }
    switch node.operatorName {
    case "LSTM", "GRU", "RNN": try readRecurrent(node)
    case "Constant": set(node, .constant(try taken(constantValue(node))))
    case "Shape", "Size": set(node, .size)
    case "Expand", "ConstantOfShape": setRepeated(node)
    case "Gather": try readGather(node)
    case "MatMul", "Gemm": try readProduct(node)
    case "Add" where hasFlow: try readAddition(node)
    case "Softmax", "LogSoftmax", "Sigmoid": try readActivation(node)
    case "Identity", "Cast", "Dropout": pass(node)
    case "Transpose", "Reshape", "Squeeze", "Unsqueeze", "Slice": try readLayout(node)
    default:
      if hasFlow { throw refuse(node, "is not supported") }
      set(node, .size)
    }
  }

  mutating func set(_ node: ONNXProtoNode, _ value: ONNXGraphValue) {
    guard let name = node.outputs.first else { return }
    // Shapes that grow with every operator take memory by the square, or more, of the operators' number.
    switch value {
    case .flow(let flow) where flow.axes.count > ONNXTensor.maximumRank:
      values[name] = .unavailable("too many axes")
    case .sizes(let sizes) where sizes.count > ONNXTensor.maximumRank || sizes.contains(where: \.isLong):
      values[name] = .size
    default: values[name] = value
    }
  }

  private mutating func pass(_ node: ONNXProtoNode) {
    if let value = operand(node, 0) { set(node, value) }
  }

  private func constantValue(_ node: ONNXProtoNode) throws(WeftError) -> ONNXTensor {
    for attribute in node.attributes {
      switch attribute.name {
      case "value":
        return try ONNXTensor(attribute.tensor, external: external, budget: budget, file: file)
      case "value_int": return ONNXTensor(shape: [], values: [Double(attribute.integer)])
      case "value_float": return ONNXTensor(shape: [], values: [Double(attribute.float)])
      case "value_ints":
        return ONNXTensor(shape: [attribute.integers.count], values: attribute.integers.map(Double.init))
      case "value_floats":
        return ONNXTensor(shape: [attribute.floats.count], values: attribute.floats.map(Double.init))
      default: continue
      }
    }
    throw refuse(node, "is not numeric")
  }

  private mutating func setRepeated(_ node: ONNXProtoNode) {
    if node.operatorName == "ConstantOfShape" {
      let tensor = node.attributes.first { $0.name == "value" }.flatMap {
        try? ONNXTensor($0.tensor, file: file)
      }
      set(node, .repeated(tensor ?? ONNXTensor(shape: [1], values: [0])))
    } else {
      switch operand(node, 0) {
      case .constant(let tensor), .repeated(let tensor): set(node, .repeated(tensor))
      default: set(node, .size)
      }
    }
  }

  /// An embedding lookup, the selection of the last step, or a size.
  private mutating func readGather(_ node: ONNXProtoNode) throws(WeftError) {
    let axis = node.integer("axis") ?? 0
    if let rows = constant(node, 0), rows.shape.count == 2, !rows.values.isEmpty, axis == 0,
      let tokens = flow(node, 1)
    {
      guard tokens.stage == .inputs, !tokens.hasEmbedding, embedding == nil, levels.isEmpty else {
        throw refuse(node, "an embedding is supported only before the recurrent layers")
      }
      embedding = WeightMatrix(rows: rows.shape[0], columns: rows.shape[1], values: rows.floats)
      var flow = tokens
      flow.axes.append(.features)
      flow.width = rows.shape[1]
      flow.hasEmbedding = true
      return set(node, .flow(flow))
    }
    guard let flow = flow(node, 0) else { return set(node, .size) }
    let place = axis < 0 ? axis + flow.axes.count : axis
    guard let index = constant(node, 1), index.shape.count <= 1, let step = index.integers, step.count == 1,
      isLast(step[0], of: flow, at: place)
    else { throw refuse(node, "takes steps other than the last") }
    set(node, .flow(try lastStep(flow, at: place, keepsAxis: index.shape.count == 1, node)))
  }

  /// The states of the last step.
  func lastStep(
    _ flow: ONNXFlow, at axis: Int, keepsAxis: Bool, _ node: ONNXProtoNode
  ) throws(WeftError) -> ONNXFlow {
    guard flow.stage == .states, flow.directions == 1, flow.axes.indices.contains(axis),
      flow.axes[axis] == .time
    else {
      throw refuse(node, "takes something other than the last step of a forward layer")
    }
    var result = flow
    result.stage = .lastStates
    if keepsAxis { result.axes[axis] = .single } else { result.axes.remove(at: axis) }
    return result
  }

  private mutating func readActivation(_ node: ONNXProtoNode) throws(WeftError) {
    guard var flow = flow(node, 0),
      flow.stage == .outputs || flow.stage == .states || flow.stage == .lastStates,
      activation == .none
    else { throw refuse(node, "follows no output layer") }
    flow.stage = output == nil ? flow.stage : .outputs
    if node.operatorName != "Sigmoid" {
      let axis = node.integer("axis") ?? -1
      guard axis == -1 || axis == flow.axes.count - 1 else {
        throw refuse(node, "must be over the last axis")
      }
    }
    activation = node.operatorName == "Sigmoid" ? .sigmoid : .softmax
    notes.append("Weft's outputs are the numbers before \(node.operatorName), which belongs to the loss")
    set(node, .flow(flow))
  }
}

extension ONNXProtoNode {
  func attribute(_ name: String) -> ONNXProtoAttribute? { attributes.first { $0.name == name } }
  func integer(_ name: String) -> Int? { attribute(name).map { Int($0.integer) } }
  func integers(_ name: String) -> [Int]? { attribute(name).map { $0.integers.map(Int.init) } }
  func text(_ name: String) -> String? { attribute(name).map { String(decoding: $0.text, as: UTF8.self) } }
}
