import Foundation
import WeftBase
import WeftLayers

extension ONNXModel {
  /// Operators are those of set 14, which files of version 7 may use.
  private static let operatorSet: Int64 = 14
  private static let fileVersion: Int64 = 7

  /// A network as a graph.
  ///
  /// It reads `inputs`, tokens `[batch, time]` of int64 or features `[batch, time, features]` of float32, and with
  /// `isRagged` also `lengths [batch]` of int32; it gives `outputs`, `[batch, time, outputs]` or `[batch, outputs]`.
  ///
  /// - Parameter file: Source of the network, for errors.
  /// - Throws: If no operator supports the cell.
  package init(
    _ network: NetworkDescription, metadata: NetworkMetadata, isRagged: Bool, file: String
  ) throws(WeftError) {
    try network.checkEqualLayers(file: file)
    let foreign = try network.levels[0][0].cell.foreign(in: .onnx, file: file)
    var builder = GraphBuilder()
    builder.addInput(network.input)
    if isRagged { builder.addLengths() }
    // The operators want time first.
    var values = "inputs"
    if let rows = network.tokenRows {
      builder.add("embedding", rows)
      values = builder.add("Gather", ["embedding", values], "embedded")
    }
    values = builder.add("Transpose", [values], "sequence", [.integers("perm", [1, 0, 2])])
    var finals = ""
    for (number, level) in network.levels.enumerated() {
      (values, finals) = builder.add(
        level, foreign, number: number, to: values, hasLengths: isRagged)
      if number + 1 < network.levels.count { values = builder.join(values, level, number: number) }
    }
    let size = network.stateSize
    var states: String
    if network.outputSteps == .everyStep {
      states = builder.add("Transpose", [values], "states_by_row", [.integers("perm", [2, 0, 1, 3])])
      states = builder.reshape(states, [0, 0, size], "states")
    } else {
      states = builder.add("Transpose", [finals], "states_by_row", [.integers("perm", [1, 0, 2])])
      states = builder.reshape(states, [0, size], "states")
    }
    if let output = network.output {
      builder.add("output_weights", output.weights)
      builder.add("output_bias", output.bias)
      states = builder.add("MatMul", [states, "output_weights"], "output_product")
      states = builder.add("Add", [states, "output_bias"], "outputs_before_activation")
    }
    switch network.activation {
    case .none: _ = builder.add("Identity", [states], "outputs")
    case .softmax: _ = builder.add("Softmax", [states], "outputs", [.integer("axis", -1)])
    case .sigmoid: _ = builder.add("Sigmoid", [states], "outputs")
    }
    builder.addOutput(size: network.outputSize, isEveryStep: network.outputSteps == .everyStep)

    message = ONNXProtoModel()
    message.irVersion = Self.fileVersion
    message.producerName = "Weft"
    message.producerVersion = weftVersion
    message.graph = builder.graph
    var operators = ONNXProtoOperatorSet()
    operators.version = Self.operatorSet
    message.operatorSets = [operators]
    message.metadata = metadata.entries.sorted { $0.key < $1.key }.map { key, value in
      var entry = ONNXProtoEntry()
      (entry.key, entry.value) = (key, value)
      return entry
    }
  }
}

/// Builds a graph, operator by operator.
private struct GraphBuilder {
  private(set) var graph = ONNXProtoGraph()

  init() { graph.name = "network" }

  /// Adds an operator with one output, and returns the output's name.
  mutating func add(
    _ name: String, _ inputs: [String], _ output: String, _ attributes: [ONNXProtoAttribute] = []
  ) -> String {
    add(name, inputs, outputs: [output], attributes)
    return output
  }

  private mutating func add(
    _ name: String, _ inputs: [String], outputs: [String], _ attributes: [ONNXProtoAttribute]
  ) {
    var node = ONNXProtoNode()
    node.operatorName = name
    node.name = outputs.first { !$0.isEmpty } ?? name
    node.inputs = inputs
    node.outputs = outputs
    node.attributes = attributes
    graph.nodes.append(node)
  }

  mutating func add(_ name: String, _ matrix: WeightMatrix) {
    graph.initializers.append(
      ONNXProtoTensor(name, shape: [matrix.rows, matrix.columns], floats: matrix.values))
  }

  mutating func add(_ name: String, _ row: [Float]) {
    graph.initializers.append(ONNXProtoTensor(name, shape: [row.count], floats: row))
  }

  mutating func reshape(_ values: String, _ shape: [Int], _ output: String) -> String {
    graph.initializers.append(ONNXProtoTensor("\(output)_shape", integers: shape))
    return add("Reshape", [values, "\(output)_shape"], output)
  }

  mutating func addInput(_ input: StepKind) {
    switch input {
    case .tokens: graph.inputs.append(ONNXProtoValue("inputs", .int64, [.named("batch"), .named("time")]))
    case .features(let count):
      graph.inputs.append(
        ONNXProtoValue("inputs", .float32, [.named("batch"), .named("time"), .fixed(Int64(count))]))
    }
  }

  mutating func addLengths() {
    graph.inputs.append(ONNXProtoValue("lengths", .int32, [.named("batch")]))
  }

  mutating func addOutput(size: Int, isEveryStep: Bool) {
    graph.outputs.append(
      ONNXProtoValue(
        "outputs", .float32,
        [.named("batch")] + (isEveryStep ? [.named("time")] : []) + [.fixed(Int64(size))]))
  }

  /// Adds a level, and returns the names of its states `[time, directions, batch, hidden]` and of the last ones
  /// `[directions, batch, hidden]`.
  mutating func add(
    _ level: [RecurrentWeights], _ foreign: ForeignCell, number: Int, to values: String, hasLengths: Bool
  ) -> (states: String, finals: String) {
    let first = level[0]
    let order = GateOrder(first.cell, foreign)
    let name = "layer\(number)"
    let (directions, gates, hidden) = (level.count, first.cell.gateCount, first.hidden)
    graph.initializers += [
      ONNXProtoTensor(
        "\(name)_input_weights", shape: [directions, gates * hidden, first.inputs],
        floats: level.flatMap { order.exported($0.input).transposed.values }),
      ONNXProtoTensor(
        "\(name)_recurrent_weights", shape: [directions, gates * hidden, hidden],
        floats: level.flatMap { order.exported($0.recurrent).transposed.values }),
      ONNXProtoTensor(
        "\(name)_bias", shape: [directions, 2 * gates * hidden],
        floats: level.flatMap { order.exported($0.bias) + order.exported($0.wholeRecurrentBias) }),
    ]
    var inputs = [values, "\(name)_input_weights", "\(name)_recurrent_weights", "\(name)_bias"]
    inputs.append(hasLengths ? "lengths" : "")
    if first.initialHidden != nil {
      inputs.append(addInitial("\(name)_initial_hidden", level.map(\.initialHidden), hidden, like: values))
      if first.cell.hasCellState {
        inputs.append(addInitial("\(name)_initial_cell", level.map(\.initialCell), hidden, like: values))
      }
    }
    for parameter in foreign.parameters {
      // Peepholes are the last input of the one operator that has any.
      while inputs.count < 7 { inputs.append("") }
      let values = level.flatMap { layer in
        layer.others[parameter.name].map { parameter.exported($0).values } ?? []
      }
      let initializer = "\(name)_\(parameter.name)"
      graph.initializers.append(
        ONNXProtoTensor(initializer, shape: [directions, values.count / directions], floats: values))
      inputs.append(initializer)
    }
    while inputs.last == "" { inputs.removeLast() }
    var attributes: [ONNXProtoAttribute] = [
      .integer("hidden_size", hidden), .text("direction", directions == 2 ? "bidirectional" : "forward"),
    ]
    for (argument, value) in foreign.settings.sorted(by: { $0.key < $1.key }) {
      switch value {
      case .flag(let isSet): attributes.append(.integer(argument, isSet ? 1 : 0))
      case .text(let activation):
        // Default attributes are omitted.
        if foreign.isDefault { continue }
        attributes.append(
          .texts(argument, [String](repeating: activation.capitalized, count: directions)))
      }
    }
    let (states, finals) = ("\(name)_states", "\(name)_finals")
    add(foreign.name, inputs, outputs: [states, finals], attributes)
    return (states, finals)
  }

  /// Initial states `[directions, batch, hidden]`: the learned ones, repeated for all rows.
  private mutating func addInitial(
    _ name: String, _ states: [[Float]?], _ hidden: Int, like values: String
  ) -> String {
    let rows = states.flatMap { $0 ?? [Float](repeating: 0, count: hidden) }
    graph.initializers.append(
      ONNXProtoTensor("\(name)_rows", shape: [states.count, 1, hidden], floats: rows))
    graph.initializers.append(ONNXProtoTensor("\(name)_directions", integers: [states.count]))
    graph.initializers.append(ONNXProtoTensor("\(name)_hidden", integers: [hidden]))
    graph.initializers.append(ONNXProtoTensor("\(name)_batch_axis", integers: [1]))
    let shape = add("Shape", [values], "\(name)_inputs_shape")
    let batch = add("Gather", [shape, "\(name)_batch_axis"], "\(name)_batch")
    let target = add(
      "Concat", ["\(name)_directions", batch, "\(name)_hidden"], "\(name)_shape", [.integer("axis", 0)])
    return add("Expand", ["\(name)_rows", target], name)
  }

  /// Reshapes a level's states to `[time, batch, directions · hidden]` for the next one.
  mutating func join(_ values: String, _ level: [RecurrentWeights], number: Int) -> String {
    let turned = add(
      "Transpose", [values], "layer\(number)_states_by_step", [.integers("perm", [0, 2, 1, 3])])
    return reshape(turned, [0, 0, level.count * level[0].hidden], "layer\(number)_features")
  }
}

extension ONNXProtoValue {
  fileprivate init(_ name: String, _ element: ElementType, _ dimensions: [ONNXProtoDimension.OneOf_Size]) {
    self.init()
    self.name = name
    type.tensor.element = element.rawValue
    type.tensor.shape.dimensions = dimensions.map { size in
      var dimension = ONNXProtoDimension()
      dimension.size = size
      return dimension
    }
  }
}

extension ONNXProtoAttribute {
  private init(_ name: String, kind: Int32) {
    self.init()
    self.name = name
    self.kind = kind
  }

  fileprivate static func integer(_ name: String, _ value: Int) -> ONNXProtoAttribute {
    var attribute = ONNXProtoAttribute(name, kind: 2)
    attribute.integer = Int64(value)
    return attribute
  }

  fileprivate static func text(_ name: String, _ value: String) -> ONNXProtoAttribute {
    var attribute = ONNXProtoAttribute(name, kind: 3)
    attribute.text = Data(value.utf8)
    return attribute
  }

  fileprivate static func integers(_ name: String, _ values: [Int]) -> ONNXProtoAttribute {
    var attribute = ONNXProtoAttribute(name, kind: 7)
    attribute.integers = values.map(Int64.init)
    return attribute
  }

  fileprivate static func texts(_ name: String, _ values: [String]) -> ONNXProtoAttribute {
    var attribute = ONNXProtoAttribute(name, kind: 8)
    attribute.texts = values.map { Data($0.utf8) }
    return attribute
  }
}
