import KernelInterface
import WeftBase
import WeftLayers

extension ONNXGraphReader {
  /// `LSTM`, `GRU` or `RNN`: X, W, R, B, sequence_lens, initial_h and, of the LSTM, initial_c and P.
  mutating func readRecurrent(_ node: ONNXProtoNode) throws(WeftError) {
    var input = try take(node, 0)
    guard input.pool == nil else { throw refuse(node, "does not read the states of a layer at all steps") }
    if input.part != nil, node.text("direction") ?? "forward" != "forward" {
      throw refuse(node, "reads backward a vector that is repeated at fewer steps than sequences have")
    }
    let isBatchFirst = node.integer("layout") == 1
    try checkAxes(of: input, isBatchFirst: isBatchFirst, node)
    let directions: Int
    var isBackward = false
    switch node.text("direction") ?? "forward" {
    case "forward": directions = 1
    case "bidirectional": directions = 2
    case "reverse": (directions, isBackward) = (1, true)
    case let other: throw refuse(node, "direction '\(other)' is not supported")
    }
    try checkExporter(node)
    let (cell, activations) = try cell(node, directions: directions)
    var level = RecurrentLevel(try weights(node, cell, directions: directions))
    if let activations {
      for index in level.layers.indices {
        (level.layers[index].activation, level.layers[index].recurrentActivation) = activations
      }
    }
    level.isBackward = isBackward
    try append(.recurrent(level), to: &input, node)
    if node.inputs.count > 4, !node.inputs[4].isEmpty {
      notes.append("'\(node.inputs[4])' is ignored: Weft's datasets store the length of each sequence")
    }

    var result = input
    result.isInput = false
    result.directions = directions
    result.width = level.layers[0].hidden
    let outer = input.axes.prefix(2).map { if case .input(let axis) = $0 { axis } else { nil as Int? } }
    if let first = outer[0], let second = outer[1] {
      (result.timeAxis, result.batchAxis) = isBatchFirst ? (second, first) : (first, second)
    }
    result.axes =
      isBatchFirst ? [.batch, .time, .directions, .features] : [.time, .directions, .batch, .features]
    set(node, .flow(result))
    if node.outputs.count > 1 {
      result.pool = .last
      result.axes.removeAll { $0 == .time }
      values[node.outputs[1]] =
        result.part == nil
        ? .flow(result)
        : .unavailable("the final states of a vector repeated at fewer steps than sequences have")
    }
    if node.outputs.count > 2, !node.outputs[2].isEmpty { try setCells(node.outputs[2], of: result) }
  }

  /// Sets the last states of cells, if the graph computes something of them.
  private mutating func setCells(_ name: String, of hidden: ONNXFlow) throws(WeftError) {
    values[name] = .unavailable("the last states of cells")
    guard readNames.contains(name), case .recurrent(let level) = hidden.chain.blocks.last,
      let layer = level.layers.first
    else { return }
    let (inputs, units) = (layer.inputs, layer.units)
    guard let count = [2 * (inputs + units) + 7 * units, 4 * units].boundedProduct else { return }
    var cells = hidden
    guard hidden.part == nil else { return }
    try take(floats: count)
    guard cells.chain.takeCellStates() else { return }
    (cells.isOfCells, cells.pool) = (true, .last)
    cells.axes = hidden.axes.filter { $0 != .time }
    values[name] = .flow(cells)
  }

  /// Checks that time, batch and features have the order of the operator.
  private func checkAxes(of input: ONNXFlow, isBatchFirst: Bool, _ node: ONNXProtoNode) throws(WeftError) {
    let axes = input.axes
    guard axes.count == 3 else {
      throw refuse(node, "has \(axes.count) axes; expected time, batch and features")
    }
    let isRight =
      switch (axes[0], axes[1], axes[2]) {
      case (.input(let first), .input(let second), .input(2)): Set([first, second]) == [0, 1]
      case (.input(let first), .input(let second), .features): first != second
      case (.time, .batch, .joined): !isBatchFirst
      case (.time, .batch, .features): !isBatchFirst && input.directions == 1
      case (.batch, .time, .joined): isBatchFirst
      case (.batch, .time, .features): isBatchFirst && input.directions == 1
      default: false
      }
    guard isRight else { throw refuse(node, "does not read the features of every step") }
  }

  /// Default activation functions of each operator's gates, states and outputs.
  private static let standardActivations = [
    "RNN": ["tanh"], "GRU": ["sigmoid", "tanh"], "LSTM": ["sigmoid", "tanh", "tanh"],
  ]

  /// The cell, and other activations than its own of its state and its gates.
  private func cell(
    _ node: ONNXProtoNode, directions: Int
  ) throws(WeftError) -> (CellType, (state: Activation, gates: Activation)?) {
    if let clip = node.attribute("clip") {
      throw refuse(node, "clip \(clip.float) is not supported: Weft's cells do not limit their gates")
    }
    if node.integer("input_forget") ?? 0 != 0 {
      throw refuse(node, "input_forget is not supported")
    }
    var candidates = CellCandidates(.onnx)
    let hasPeepholes = operand(node, 7) != nil
    candidates.keep { _, foreign in
      foreign.name == node.operatorName
        && foreign.parameters.contains { $0.foreignName == "P" } == hasPeepholes
    }
    if candidates.cells.isEmpty, hasPeepholes {
      throw refuse(node, "peepholes (P) are not supported")
    }
    _ = candidates.keep(
      "linear_before_reset", .flag(node.integer("linear_before_reset") ?? 0 != 0), standard: nil)
    let standard = Self.standardActivations[node.operatorName] ?? []
    let names = node.attribute("activations")?.texts.map { String(decoding: $0, as: UTF8.self).lowercased() }
    var others = candidates
    candidates.keep { _, foreign in
      var own = standard
      if case .text(let activation)? = foreign.settings["activations"] { own = [activation] }
      return (names ?? standard.repeated(directions)) == own.repeated(directions)
    }
    if let cell = candidates.choose(nil) { return (cell, nil) }
    others.keep { cell, foreign in cell.hasActivations && cell != .relu }
    guard let cell = others.choose(nil), let names, let functions = node.functions(names),
      functions.count == standard.count * directions,
      (standard.count..<functions.count).allSatisfy({ functions[$0] == functions[$0 - standard.count] }),
      standard.count < 3 || functions[1] == functions[2], let first = functions.first
    else { throw refuse(node, "activations \((names ?? []).joined(separator: ", ")) are not supported") }
    if standard.count == 1 { return (cell, (first, .sigmoid)) }
    // Weft's update gate of a GRU is 1 − z of ONNX's, which these functions allow.
    guard standard.count == 3 || [.sigmoid, .hardSigmoid, .hardSigmoidKeras2].contains(first) else {
      throw refuse(node, "the activation \(names[0]) of the gates is not supported")
    }
    return (cell, (functions[1], first))
  }

  private func weights(
    _ node: ONNXProtoNode, _ cell: CellType, directions: Int
  ) throws(WeftError) -> [RecurrentWeights] {
    guard let input = constant(node, 1), let recurrent = constant(node, 2) else {
      throw refuse(node, "its weights are not in the file")
    }
    let bias = constant(node, 3)
    guard bias != nil || operand(node, 3) == nil else { throw refuse(node, "its biases are not in the file") }
    let width = recurrent.shape.count == 3 ? recurrent.shape[1] : 0
    let hidden = width / cell.gateCount
    guard hidden > 0, input.shape.count == 3, !input.values.isEmpty, !recurrent.values.isEmpty,
      recurrent.shape == [directions, cell.gateCount * hidden, hidden],
      input.shape == [directions, width, input.shape[2]],
      bias.map({ $0.shape == [directions, 2 * width] }) ?? true
    else {
      throw refuse(
        node, "its weights have the shapes \(input.shape), \(recurrent.shape), \(bias?.shape ?? [])")
    }
    try take(floats: input.values.count + recurrent.values.count)
    guard let foreign = cell.foreign[.onnx] else { preconditionFailure("the cell is one of ONNX") }
    let order = GateOrder(cell, foreign)
    func matrix(_ tensor: ONNXTensor, _ direction: Int) -> WeightMatrix {
      let count = width * tensor.shape[2]
      let values = tensor.floats[(direction * count)..<((direction + 1) * count)]
      return order.imported(
        WeightMatrix(rows: width, columns: tensor.shape[2], values: Array(values)).transposed)
    }
    var level = (0..<directions).map { direction in
      let biases = bias?.floats[(direction * 2 * width)..<((direction + 1) * 2 * width)]
      return RecurrentWeights(
        cell: cell, input: matrix(input, direction), recurrent: matrix(recurrent, direction),
        inputBias: biases.map { order.imported($0.prefix(width)) },
        recurrentBias: biases.map { order.imported($0.suffix(width)) })
    }
    for parameter in foreign.parameters {
      guard let tensor = constant(node, 7) else { throw refuse(node, "its peepholes are not in the file") }
      let count = (parameter.ownGates?.count ?? 0) * hidden
      guard tensor.shape == [directions, count] else {
        throw refuse(node, "its peepholes have the shape \(tensor.shape), not [\(directions), \(count)]")
      }
      for direction in 0..<directions {
        let row = Array(tensor.floats[(direction * count)..<((direction + 1) * count)])
        level[direction].others[parameter.name] = parameter.imported(
          WeightMatrix(rows: 1, columns: count, values: row))
      }
    }
    let hiddenStates = try initial(node, 5, "initial_h", directions: directions, hidden: hidden)
    let cellStates =
      cell.hasCellState ? try initial(node, 6, "initial_c", directions: directions, hidden: hidden) : nil
    if hiddenStates != nil || cellStates != nil {
      let zeros = [Float](repeating: 0, count: hidden)
      for direction in 0..<directions {
        level[direction].initialHidden = hiddenStates?[direction] ?? zeros
        if cell.hasCellState { level[direction].initialCell = cellStates?[direction] ?? zeros }
      }
    }
    return level
  }

  /// Initial states of each direction, equal for all rows; nil for zeros.
  private func initial(
    _ node: ONNXProtoNode, _ index: Int, _ name: String, directions: Int, hidden: Int
  ) throws(WeftError) -> [[Float]]? {
    let tensor: ONNXTensor
    switch operand(node, index) {
    case nil: return nil
    case .constant(let known), .repeated(let known): tensor = known
    // Marked, and noted, before.
    case .state: return nil
    default: throw refuse(node, "\(name) is an external input, which Weft's models do not take")
    }
    if let units = tensor.shape.last, tensor.shape.count == 3, units != hidden, units > 1 {
      throw refuse(
        node,
        "\(name) has \(units) units, hidden_size is \(hidden): the exporter has cut a projection (proj_size); import the"
          + " state dictionary instead")
    }
    if tensor.values.allSatisfy({ $0 == 0 }) { return nil }
    guard tensor.shape.count == 3, [1, directions].contains(tensor.shape[0]), tensor.shape[2] == hidden,
      tensor.shape[1] > 0
    else {
      throw refuse(node, "\(name) has the shape \(tensor.shape)")
    }
    let isShared = tensor.shape[0] < directions
    try take(floats: 2 * tensor.values.count)
    let (rows, floats) = (tensor.shape[1], tensor.floats)
    return try (0..<directions).map { direction throws(WeftError) in
      let direction = isShared ? 0 : direction
      let all = (0..<rows).map { row in
        Array(floats[((direction * rows + row) * hidden)..<((direction * rows + row + 1) * hidden)])
      }
      guard all.allSatisfy({ $0 == all[0] }) else { throw refuse(node, "\(name) differs from row to row") }
      return all[0]
    }
  }
}

extension [String] {
  /// Repeats values this many times.
  fileprivate func repeated(_ count: Int) -> [String] { (0..<count).flatMap { _ in self } }
}

extension ONNXProtoNode {
  /// The functions of a recurrent operator by their names and parameters; nil if Weft does not have one.
  fileprivate func functions(_ names: [String]) -> [Activation]? {
    var alphas = attribute("activation_alpha")?.floats[...] ?? []
    var betas = attribute("activation_beta")?.floats[...] ?? []
    var result: [Activation] = []
    for name in names {
      let plain: [String: Activation] = [
        "tanh": .tanh, "sigmoid": .sigmoid, "relu": .relu, "softplus": .softplus, "softsign": .softsign,
      ]
      let function: Activation?
      switch name {
      case "affine":
        function = (alphas.popFirst() ?? 1, betas.popFirst() ?? 0) == (1, 0) ? .linear : nil
      case "leakyrelu": function = alphas.popFirst() ?? 0.01 == 0.01 ? .leakyReLU : nil
      case "elu": function = alphas.popFirst() ?? 1 == 1 ? .elu : nil
      case "hardsigmoid":
        let slopes: [Float: Activation] = [0.2: .hardSigmoidKeras2, 1 / 6: .hardSigmoid]
        let slope = alphas.popFirst() ?? 0.2
        function = betas.popFirst() ?? 0.5 == 0.5 ? slopes[slope] : nil
      default: function = plain[name]
      }
      guard let function else { return nil }
      result.append(function)
    }
    return result
  }
}
