import WeftBase
import WeftLayers

extension ONNXModel {
  /// The network that the graph computes.
  ///
  /// The graph leads from tokens with an embedding lookup, or features, to one output, in branches that are joined again
  /// or in none. Axes are tracked through transposes and reshapes, so that other computations are rejected.
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
    reader.findOrder(message.graph)
    reader.readNames = Set(message.graph.nodes.flatMap(\.inputs))
    try reader.findInputs(message.graph)
    for node in reader.fused(message.graph.nodes) { try reader.collect(node) }
    let network: NetworkDescription
    do throws(WeftError) {
      try reader.obstacles.check()
      network = try reader.network(outputs: message.graph.outputs.map(\.name))
    } catch {
      try reader.checkOperators(of: message)
      throw error
    }
    try network.check(file: file)
    let entries = Dictionary(message.metadata.map { ($0.key, $0.value) }) { $1 }
    var result = ImportedNetwork(network, metadata: NetworkMetadata(entries), notes: reader.notes)
    if let inputs = reader.inputs, !inputs.isOneOfTokens {
      result.datasets = inputs.datasets
      result.notes.append(inputs.note)
    }
    return result
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
  /// The inputs of a graph that has several; nil of one.
  var inputs: NetworkInputs?
  /// Values that operators read.
  var readNames: Set<String> = []
  /// Whether the first axis of the inputs is the batch, because no operator tells.
  var isBatchFirst = false
  /// What sigmoids read, by their outputs.
  var sigmoids: [String: String] = [:]
  /// Sizes that are compared with −1, by the comparisons' outputs.
  var keptSizes: [String: [ONNXSize]] = [:]

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

  mutating func network(outputs: [String]) throws(WeftError) -> NetworkDescription {
    let flow = try output(among: outputs)
    var chain = flow.chain
    if isBatchFirst {
      notes.append(
        "contains no recurrent operator, which tells the axes of inputs: takes the first one as the batch")
    }
    guard !chain.blocks.isEmpty else { throw .model("\(file): its outputs are its inputs") }
    if embedding != nil, !flow.hasEmbedding {
      throw .model(
        "\(file): its outputs are computed from '\(flow.source)', which has no embedding, unlike another input"
      )
    }
    try joinSteps(flow, &chain)
    var isJoined = true
    if let kind = flow.pool, !chain.isPooled { isJoined = chain.append(.pool(kind)) }
    if let inputs { try readAll(&chain, flow.columns, of: inputs, nil) }
    guard isJoined, chain.finish() else {
      throw .model("\(file): ends in a normalization of too many features")
    }
    // A network has a layer beside the output.
    let output = chain.blocks.count > 1 || chain.hasRecurrent ? chain.takeOutput() : nil
    let table = inputs?.isOneOfTokens == true ? inputs?.categories.first?.embedding : embedding
    var network = NetworkDescription(
      input: table.map { .tokens($0.rows) } ?? .features(inputs?.rawWidth ?? chain.inputs ?? 0),
      embedding: table,
      blocks: chain.blocks, output: output?.dense)
    if let inputs, !inputs.isOneOfTokens { network.categories = inputs.categories }
    if output?.isSigmoid == true { network.activation = .sigmoid }
    if flow.hasSoftmax { network.activation = .softmax }
    return network
  }

  /// The activation of the output that goes through most layers.
  ///
  /// - Throws: If there is none, or another output goes through layers of its own.
  private func output(among names: [String]) throws(WeftError) -> ONNXFlow {
    let all = names.compactMap { name in
      if case .flow(let flow) = values[name], !flow.isInput, flow.flat == nil {
        (name: name, flow: flow)
      } else {
        nil
      }
    }
    // The last states of cells beside the outputs are there to be read again.
    let own = all.filter { !$0.flow.isOfCells }
    let flows = own.isEmpty ? all : own
    guard let last = flows.max(by: { $0.flow.chain.blocks.count < $1.flow.chain.blocks.count }) else {
      let reason = names.lazy.compactMap {
        if case .unavailable(let reason) = values[$0] { reason } else { nil }
      }.first
      throw .model(
        "\(file): "
          + (reason.map { "its outputs are computed from \($0), which Weft's networks do not give" }
            ?? "none of its outputs comes from the last layer"))
    }
    for other in flows
    where other.flow.columns != last.flow.columns || !last.flow.chain.begins(with: other.flow.chain) {
      throw .model(
        "\(file): its outputs '\(other.name)' and '\(last.name)' come from different layers; export a network with"
          + " one output")
    }
    return last.flow
  }

  func refuse(_ node: ONNXProtoNode, _ complaint: String) -> WeftError {
    let name = node.name.isEmpty ? "" : " '\(node.name)'"
    return .model("\(file): operator \(node.operatorName)\(name): \(complaint)")
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
    case .flow(let flow): isBatchFirst ? flow.batchFirst : flow
    case .input(let name, let sizes): flow(ofInput: name, sizes: sizes)
    default: nil
    }
  }

  /// Operators that are read, as layers or as ways of arranging their operands.
  static let operators = Set<String>([
    "LSTM", "GRU", "RNN", "Constant", "Shape", "Size", "Expand", "ConstantOfShape", "Tile", "Gather", "Equal",
    "Where",
    "MatMul", "Gemm", "Softmax", "LogSoftmax", "Identity", "Cast", "Dropout",
    "Transpose", "Reshape", "Squeeze", "Unsqueeze", "Slice", "Concat", "Flatten", "Conv", "MaxPool",
    "AveragePool", "GlobalAveragePool", "GlobalMaxPool", "BatchNormalization", "LayerNormalization",
  ]).union(functions).union(arithmetic).union(reductions)

  private static let arithmetic: Set = ["Add", "Sub", "Mul", "Div"]
  private static let reductions: Set = ["ReduceMean", "ReduceMax", "ReduceSum"]

  /// Functions of each number.
  static let functions: Set = [
    "Relu", "Tanh", "Sigmoid", "Softplus", "Elu", "LeakyRelu", "Gelu", "HardSigmoid", "Clip", "Selu", "Mish",
    "Softsign", "Exp", "PRelu", "Swish",
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
    if let reason = unavailable(node) {
      // Nothing need be computed from it.
      for name in node.outputs { values[name] = .unavailable(reason) }
      return
    }
    if let sizes = sizes(node) { return set(node, .sizes(sizes)) }
    try checkSteps(node)
    if try readFinals(node) { return }
    if try readAttention(node) { return }
    if let tensor = try computed(node) { return set(node, .constant(tensor)) }
    let hasFlow = node.inputs.indices.contains { flow(node, $0) != nil }
    switch node.operatorName {
    case "LSTM", "GRU", "RNN": try readRecurrent(node)
    case "Concat" where isZero(node): set(node, .repeated(ONNXTensor(shape: [1], values: [0])))
    case "Constant": set(node, .constant(try taken(constantValue(node))))
    case "Shape", "Size": set(node, .size)
    case "ConstantOfShape": setFilled(node)
    case "Expand", "Tile": try readRepeat(node)
    case "Mul" where !hasFlow && isFilled(node): setFilled(product: node)
    case "Equal": noteEqual(node)
    case "Where" where isWithoutKept(node): setWithoutKept(node)
    case "Gather": try readGather(node)
    case "MatMul", "Gemm": try readProduct(node)
    case let name where hasFlow && Self.arithmetic.contains(name): try readArithmetic(node)
    case "Concat" where hasFlow: try readJoin(node, .concatenate)
    case "Softmax", "LogSoftmax": try readSoftmax(node)
    case "Conv": try readConvolution(node)
    case "MaxPool", "AveragePool": try readWindowPooling(node)
    case "GlobalAveragePool", "GlobalMaxPool": try readGlobalPooling(node)
    case let name where hasFlow && Self.reductions.contains(name): try readGlobalPooling(node)
    case "BatchNormalization": try readBatchNormalization(node)
    case "LayerNormalization": try readLayerNormalization(node)
    case "Flatten": try readFlatten(node)
    case let name where hasFlow && Self.functions.contains(name): try readFunction(node)
    case "Identity", "Cast", "Dropout": pass(node)
    case "Transpose", "Reshape", "Squeeze", "Unsqueeze", "Slice": try readLayout(node)
    default:
      if hasFlow { throw refuse(node, "is not supported") }
      set(node, .size)
    }
  }

  /// What an operand is, if it is nothing that Weft's networks give; nil for others.
  private func unavailable(_ node: ONNXProtoNode) -> String? {
    if node.operatorName == "Shape" { return nil }
    return node.inputs.lazy.compactMap {
      if case .unavailable(let reason) = values[$0] { reason } else { nil }
    }.first
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

  /// The operators, with one for those that together compute a function.
  fileprivate func fused(_ nodes: [ONNXProtoNode]) -> [ONNXProtoNode] {
    guard nodes.contains(where: { $0.operatorName == "Erf" }) else { return nodes }
    var numbers: [String: Double] = [:]
    for node in nodes where node.operatorName == "Constant" {
      guard let name = node.outputs.first, node.attributes.allSatisfy({ $0.tensor.shape.count <= 1 }),
        let tensor = try? constantValue(node)
      else { continue }
      if tensor.values.count == 1 { numbers[name] = tensor.values[0] }
    }
    return ONNXGelu(nodes) { name in
      if case .constant(let tensor) = values[name], tensor.values.count == 1 { return tensor.values[0] }
      return numbers[name]
    }.fused
  }

  func constantValue(_ node: ONNXProtoNode) throws(WeftError) -> ONNXTensor {
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

  /// An embedding lookup, the selection of the last step, or a size.
  private mutating func readGather(_ node: ONNXProtoNode) throws(WeftError) {
    let axis = node.integer("axis") ?? 0
    if let rows = constant(node, 0), rows.shape.count == 2, !rows.values.isEmpty, axis == 0,
      let tokens = flow(node, 1)
    {
      if inputs != nil { return try embed(tokens, node) }
      if embedding != nil {
        throw refuse(node, "is a second embedding; Weft's networks have one input of tokens")
      }
      guard tokens.isInput, !tokens.hasEmbedding else {
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
    if flow.axes.indices.contains(place), flow.axes[place] == .single, let index = constant(node, 1),
      let step = index.integers, [[0], [-1]].contains(step), index.shape.count <= 1
    {
      var result = flow
      if index.shape.isEmpty { result.axes.remove(at: place) }
      return set(node, .flow(result))
    }
    guard let index = constant(node, 1), index.shape.count <= 1, let step = index.integers, step.count == 1,
      isLast(step[0], of: flow, at: place)
    else { throw refuse(node, "takes steps other than the last") }
    set(node, .flow(try lastStep(flow, at: place, keepsAxis: index.shape.count == 1, node)))
  }

  /// The features of the last step.
  func lastStep(
    _ flow: ONNXFlow, at axis: Int, keepsAxis: Bool, _ node: ONNXProtoNode
  ) throws(WeftError) -> ONNXFlow {
    guard !flow.isInput, flow.pool == nil, flow.flat == nil, flow.axes.indices.contains(axis),
      flow.axes[axis] == .time, flow.directions == 1 || flow.axes.contains(.joined)
    else { throw refuse(node, "takes something other than the last step of a layer") }
    var result = flow
    // The state of a layer that reads backward after its last step is at the first position.
    result.pool = flow.directions > 1 || flow.endsBackward ? .lastPosition : .last
    if keepsAxis { result.axes[axis] = .single } else { result.axes.remove(at: axis) }
    return result
  }
}

extension ONNXFlow {
  /// Whether the last block is a layer that reads backward alone.
  fileprivate var endsBackward: Bool {
    if case .recurrent(let level) = chain.blocks.last { level.isBackward } else { false }
  }
}
