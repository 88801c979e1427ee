import WeftBase

/// The states of a layer in one direction: after its last step, or at all steps.
struct ONNXFinal {
  /// One of the steps that a graph takes.
  enum End { case first, last }

  /// The layer's states, with the axis of directions, or without.
  var flow: ONNXFlow
  var direction: Int
  /// The step that was taken of all; nil for none.
  var end: End?
}

extension ONNXGraphReader {
  static let recurrentOperators: Set = ["LSTM", "GRU", "RNN"]

  /// Operators that arrange states without computing anything.
  private static let arrangingStates: Set = [
    "Identity", "Cast", "Slice", "Split", "Gather", "Squeeze", "Unsqueeze", "Transpose", "Reshape", "Concat",
    "Expand",
    "Tile",
  ]

  /// Tells why a graph without recurrent operators cannot be read.
  ///
  /// - Throws: If its steps may have been written by other operators, naming how exporters write networks without them.
  func checkOperators(of message: ONNXProtoModel) throws(WeftError) {
    let names = Set(message.graph.nodes.map(\.operatorName))
    guard names.isDisjoint(with: Self.recurrentOperators) else { return }
    var advice: String
    if !names.isDisjoint(with: ["Loop", "Scan"]) {
      advice = "; its steps are a \(names.contains("Scan") ? "Scan" : "Loop"), which Weft does not look into"
    } else if message.producerName == "pytorch", names.contains("Tanh") || names.contains("Relu") {
      advice =
        "; PyTorch's newer exporter writes nn.RNN and cells step by step: export with dynamo=False, or save the"
        + " state dictionary, \(PickleReader.advice)"
    } else {
      return
    }
    throw .model("\(file): contains none of the operators LSTM, GRU and RNN\(advice)")
  }

  /// Finds whether the inputs' axes must be taken as batch, steps and features, as no recurrent operator tells.
  mutating func findOrder(_ graph: ONNXProtoGraph) {
    isBatchFirst = graph.nodes.allSatisfy { !Self.recurrentOperators.contains($0.operatorName) }
  }

  /// Checks that a `GRU` is not one of those that onnxscript 0.5.7 to 0.7.0 wrote wrongly: PyTorch's resets after the
  /// product, which the operator does not do unless told.
  func checkExporter(_ node: ONNXProtoNode) throws(WeftError) {
    if node.operatorName == "GRU", producer == "pytorch", node.integer("linear_before_reset") ?? 0 == 0 {
      throw refuse(
        node,
        "lacks linear_before_reset, which every nn.GRU has and onnxscript 0.5.7 to 0.7.0 left out; export again"
          + " with a newer one, or save the state dictionary, \(PickleReader.advice)")
    }
  }

  /// Finds the graph inputs that are initial states, and notes that they are taken as zero.
  mutating func markStates(_ graph: ONNXProtoGraph) {
    var makers: [String: ONNXProtoNode] = [:]
    var rest: [String] = []
    for node in graph.nodes {
      for output in node.outputs { makers[output] = node }
      if Self.recurrentOperators.contains(node.operatorName) {
        rest += node.inputs.dropFirst(5).prefix(2).filter { !$0.isEmpty }
      }
    }
    var known = Set(rest)
    var names: [String] = []
    while let name = rest.popLast() {
      if case .input(let input, _) = values[name] { names.append(input) }
      // States that are computed, of other layers' or of inputs, are not the inputs themselves.
      guard let maker = makers[name], Self.arrangingStates.contains(maker.operatorName) else { continue }
      let operands = maker.operatorName == "Concat" ? maker.inputs[...] : maker.inputs.prefix(1)
      rest += operands.filter { known.insert($0).inserted }
    }
    guard !names.isEmpty else { return }
    for name in names { values[name] = .state(name: name) }
    let list = names.sorted().map { "'\($0)'" }.joined(separator: ", ")
    notes.append(
      "the initial states \(list) are inputs of the graph; takes them as zero, as at the start of a sequence")
  }

  /// Reads an operator on states after the last step of several layers or of single directions: `Concat` of `Y_h`
  /// along its first axis, `Gather` of one of them, `Concat` of both directions.
  ///
  /// - Returns: Whether it is one.
  mutating func readFinals(_ node: ONNXProtoNode) throws(WeftError) -> Bool {
    if try readHalves(node) { return true }
    switch node.operatorName {
    case "Concat":
      let operands = node.inputs.indices.compactMap { operand(node, $0) }
      let axis = node.integer("axis") ?? 0
      let halves = operands.compactMap { if case .half(let half) = $0 { half } else { nil } }
      if !halves.isEmpty {
        try join(halves, axis, count: operands.count, node)
        return true
      }
      let lists = operands.compactMap(finals)
      guard axis == 0, !lists.isEmpty, lists.count == operands.count else { return false }
      let all = lists.flatMap(\.self)
      guard all.count <= Self.maximumFinals else { throw refuse(node, "joins too many states") }
      set(node, .finals(all))
      return true
    case "Gather":
      guard let operand = operand(node, 0), let all = finals(operand), node.integer("axis") ?? 0 == 0,
        let index = constant(node, 1), index.shape.count <= 1, let places = index.integers, places.count == 1
      else { return false }
      let place = places[0] < 0 ? places[0] &+ all.count : places[0]
      guard all.indices.contains(place) else { throw refuse(node, "takes a state that does not exist") }
      values[node.outputs.first ?? ""] = Self.value(all[place], keepsAxis: !index.shape.isEmpty)
      return true
    case "Slice":
      guard let operand = operand(node, 0), let all = finals(operand), all.count > 1,
        let (axis, lower, upper) = range(of: node, axes: 1 << 20, extent: { _ in all.count }), axis == 0
      else { return false }
      let part = Array(all[lower..<upper])
      set(node, part.count == 1 ? Self.value(part[0], keepsAxis: true) : .finals(part))
      return true
    case "Split":
      guard let operand = operand(node, 0), let all = finals(operand), node.integer("axis") ?? 0 == 0,
        all.count == node.outputs.count, constant(node, 1)?.integers?.allSatisfy({ $0 == 1 }) ?? true,
        node.integers("split")?.allSatisfy({ $0 == 1 }) ?? true
      else { return false }
      for (name, final) in zip(node.outputs, all) { values[name] = Self.value(final, keepsAxis: true) }
      return true
    default:
      for place in node.inputs.indices {
        switch operand(node, place) {
        case .half, .finals:
          throw refuse(node, "takes states after the last step of some layers or directions")
        default: continue
        }
      }
      return false
    }
  }

  private static let maximumFinals = 1000

  /// The state of one layer and direction, with the axis of directions or without.
  private static func value(_ final: ONNXFinal, keepsAxis: Bool) -> ONNXGraphValue {
    var final = final
    if keepsAxis { final.flow.axes[0] = .single } else { final.flow.axes.removeFirst() }
    return final.flow.directions == 1 ? .flow(final.flow) : .half(final)
  }

  /// The states of a value whose first axis is that of directions; nil for others.
  private func finals(_ value: ONNXGraphValue) -> [ONNXFinal]? {
    switch value {
    case .finals(let all): all
    case .flow(let flow) where flow.pool == .last && flow.axes.first == .directions:
      (0..<flow.directions).map { ONNXFinal(flow: flow, direction: $0) }
    default: nil
    }
  }
}
