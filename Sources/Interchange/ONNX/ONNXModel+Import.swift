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
    var reader = ONNXGraphReader(file: file)
    for tensor in message.graph.initializers {
      reader.values[tensor.name] = .constant(try reader.taken(ONNXTensor(tensor, file: file)))
    }
    for (name, tensor) in weights { reader.values[name] = .constant(tensor) }
    for input in message.graph.inputs where reader.values[input.name] == nil { reader.addInput(input) }
    for node in message.graph.nodes { try reader.read(node) }
    let network = try reader.network(outputs: message.graph.outputs.map(\.name))
    try network.check(file: file)
    let entries = Dictionary(message.metadata.map { ($0.key, $0.value) }) { $1 }
    return ImportedNetwork(network, metadata: NetworkMetadata(entries), notes: reader.notes)
  }
}

/// A value on an edge of the graph.
enum ONNXGraphValue {
  /// Constants.
  case constant(ONNXTensor)
  /// Constants expanded to a dynamic shape.
  case repeated(ONNXTensor)
  /// A graph input with unknown role.
  case input(name: String, rank: Int)
  /// A computed activation.
  case flow(ONNXFlow)
  /// A list of sizes of activations.
  case sizes([ONNXSize])
  /// Computed from sizes in another way, which need not be known.
  case size
  /// An unsupported output, such as the final cell states of an LSTM.
  case unavailable(String)
}

/// An activation with its axes.
struct ONNXFlow {
  /// Meaning of an axis.
  enum Axis: Equatable {
    case time, batch, directions, features
    /// Axes of the graph's input, before time and batch are distinguished.
    case input(Int)
    /// An axis of one element.
    case single
    /// Merged directions and features.
    case joined
  }

  /// Position in the chain of layers.
  enum Stage: Equatable {
    case inputs
    case states
    case lastStates
    case outputs
  }

  var axes: [Axis]
  var stage: Stage
  var hasEmbedding = false
  /// Levels passed.
  var levels = 0
  /// Directions of the last level.
  var directions = 1
}

/// Builds a network from a graph's operators, in order.
struct ONNXGraphReader {
  let file: String
  private let budget: FileBudget
  var values: [String: ONNXGraphValue] = [:]
  var notes: [String] = []
  var embedding: WeightMatrix?
  var levels: [[RecurrentWeights]] = []
  var output: DenseWeights?
  var activation = NetworkDescription.OutputActivation.none

  init(file: String) {
    self.file = file
    budget = FileBudget(of: file)
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
    let rank = min(input.type.tensor.shape.dimensions.count, ONNXTensor.maximumRank + 1)
    values[input.name] = .input(name: input.name, rank: rank)
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
    case .input(_, let rank): ONNXFlow(axes: (0..<rank).map { .input($0) }, stage: .inputs)
    default: nil
    }
  }

  mutating func read(_ node: ONNXProtoNode) throws(WeftError) {
    try budget.take(objects: 1)
    guard node.domain.isEmpty || node.domain == "ai.onnx" else {
      throw refuse(node, "belongs to the domain \(node.domain), not to ONNX")
    }
    if let sizes = sizes(node) { return set(node, .sizes(sizes)) }
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
    case "Transpose", "Reshape", "Squeeze", "Unsqueeze", "Flatten", "Slice": try readLayout(node)
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
      case "value": return try ONNXTensor(attribute.tensor, file: file)
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
      flow.hasEmbedding = true
      return set(node, .flow(flow))
    }
    guard let flow = flow(node, 0) else { return set(node, .size) }
    guard let index = constant(node, 1), index.values == [-1], index.shape.count <= 1 else {
      throw refuse(node, "takes steps other than the last")
    }
    let place = axis < 0 ? axis + flow.axes.count : axis
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
