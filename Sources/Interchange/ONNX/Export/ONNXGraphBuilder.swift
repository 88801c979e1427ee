import Foundation
import KernelInterface

/// What a block of a graph reads or gives.
struct ONNXValue {
  /// `[time, batch, size]`, or after pooling `[batch, size]`.
  var name: String
  var size: Int
  var isPooled = false
  /// Steps of each row, int32 `[batch]`; nil if all rows have as many as the value.
  var lengths: String?
  /// Directions whose states the features are, side by side and of equal size.
  var directions = [Direction.forward]
}

/// Builds a graph, operator by operator. Time comes before the batch, as the recurrent operators want it.
struct ONNXGraphBuilder {
  private(set) var graph = ONNXProtoGraph()
  /// Operators of the graph that another operator runs, while it is built. Its weights are those of the whole graph.
  private var inner: [ONNXProtoNode]?
  let options: ExportOptions
  /// Source of the network, for errors.
  let file: String
  /// Whether an operator that set 14 does not have was added.
  var usesNormalization = false
  /// Whether the final states of all recurrent layers are wanted.
  var keepsFinals = false
  /// Those of the layers so far, from the input up.
  var finals: [Finals] = []
  private var names = BlockNames()
  /// Names of constants by their contents, and of masks by that of the lengths.
  private var constants: [String: String] = [:]
  var masks: [String: String] = [:]

  /// Final states of a recurrent layer, `[batch, directions · units]`.
  struct Finals {
    var hidden: String
    var cell: String?
  }

  init(_ options: ExportOptions, file: String) {
    graph.name = "network"
    self.options = options
    self.file = file
  }

  /// Adds an operator with one output, and returns the output's name.
  mutating func add(
    _ name: String, _ inputs: [String], _ output: String, _ attributes: [ONNXProtoAttribute] = []
  ) -> String {
    add(name, inputs, outputs: [output], attributes)
    return output
  }

  mutating func add(
    _ name: String, _ inputs: [String], outputs: [String], _ attributes: [ONNXProtoAttribute] = []
  ) {
    var node = ONNXProtoNode()
    node.operatorName = name
    node.name = outputs.first { !$0.isEmpty } ?? name
    node.inputs = inputs
    node.outputs = outputs
    node.attributes = attributes
    if inner != nil { inner?.append(node) } else { graph.nodes.append(node) }
  }

  /// A graph that an operator runs, which reads its inputs and what the whole graph has before the operator.
  ///
  /// - Parameter build: Adds its operators, and returns its outputs.
  mutating func subgraph(
    _ name: String, inputs: [ONNXProtoValue], _ build: (inout Self) -> [ONNXProtoValue]
  ) -> ONNXProtoGraph {
    precondition(inner == nil)
    inner = []
    var result = ONNXProtoGraph()
    result.name = name
    result.inputs = inputs
    result.outputs = build(&self)
    result.nodes = inner ?? []
    inner = nil
    return result
  }

  /// Adds weights, and returns their name.
  @discardableResult
  mutating func add(_ name: String, _ shape: [Int], _ values: [Float]) -> String {
    graph.initializers.append(ONNXProtoTensor(name, shape: shape, floats: values))
    return name
  }

  @discardableResult
  mutating func add(_ name: String, _ matrix: WeightMatrix) -> String {
    add(name, [matrix.rows, matrix.columns], matrix.values)
  }

  /// The name of weights, which are added once.
  mutating func matrix(_ matrix: WeightMatrix, _ name: String) -> String {
    constants.updateValue(name, forKey: name) == nil ? add(name, matrix) : name
  }

  /// The name of a list of integers, such as axes.
  mutating func integers(_ values: [Int]) -> String {
    let name = "integers_" + values.map { $0 < 0 ? "minus\(-$0)" : "\($0)" }.joined(separator: "_")
    if constants.updateValue(name, forKey: name) == nil {
      graph.initializers.append(ONNXProtoTensor(name, integers: values))
    }
    return name
  }

  /// The name of an int32 `[1]`.
  mutating func integer32(_ value: Int) -> String {
    let name = "int32_\(value < 0 ? "minus\(-value)" : "\(value)")"
    if constants[name] == nil {
      constants[name] = add(
        "Cast", [integers([value])], name, [.integer("to", Int(ElementType.int32.rawValue))])
    }
    return name
  }

  /// The name of a number `[1]`.
  mutating func number(_ value: Float, _ name: String) -> String { number([value], name) }

  /// The name of a row of numbers.
  mutating func number(_ values: [Float], _ name: String) -> String {
    if constants.updateValue(name, forKey: name) == nil { add(name, [values.count], values) }
    return name
  }

  mutating func reshape(_ values: String, _ shape: [Int], _ output: String) -> String {
    add("Reshape", [values, integers(shape)], output)
  }

  /// The number of elements along an axis, int64 `[1]`.
  mutating func size(of value: String, axis: Int, _ output: String) -> String {
    let shape = add("Shape", [value], "\(output)_shape")
    return add("Gather", [shape, integers([axis])], output)
  }

  /// 0, 1, … below the number of elements along an axis, int64.
  mutating func range(of value: String, axis: Int, _ output: String) -> String {
    // Ranges are of numbers, not of lists.
    let end = add("Squeeze", [size(of: value, axis: axis, "\(output)_count")], "\(output)_end")
    let start = add("Squeeze", [integers([0])], "\(output)_start")
    let delta = add("Squeeze", [integers([1])], "\(output)_delta")
    return add("Range", [start, end, delta], output)
  }

  /// Adds the output of a network, after an activation.
  mutating func addOutput(
    _ value: String, _ activation: NetworkDescription.OutputActivation,
    _ shape: [ONNXProtoDimension.OneOf_Size]
  ) {
    switch activation {
    case .none: addOutput(add("Identity", [value], "outputs"), shape)
    case .softmax: addOutput(add("Softmax", [value], "outputs", [.integer("axis", -1)]), shape)
    case .sigmoid: addOutput(add("Sigmoid", [value], "outputs"), shape)
    }
  }

  /// A name that no other block has.
  mutating func path(_ prefix: String, _ stem: String) -> String { prefix + names.next(stem) }

  mutating func addInput(
    _ name: String, _ element: ElementType, _ dimensions: [ONNXProtoDimension.OneOf_Size]
  ) {
    graph.inputs.append(ONNXProtoValue(name, element, dimensions))
  }

  mutating func addOutput(
    _ name: String, _ dimensions: [ONNXProtoDimension.OneOf_Size], _ element: ElementType = .float32
  ) {
    graph.outputs.append(ONNXProtoValue(name, element, dimensions))
  }
}

extension ONNXProtoValue {
  init(_ name: String, _ element: ElementType, _ dimensions: [ONNXProtoDimension.OneOf_Size]) {
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

  static func float(_ name: String, _ value: Float) -> ONNXProtoAttribute {
    var attribute = ONNXProtoAttribute(name, kind: 1)
    attribute.float = value
    return attribute
  }

  static func integer(_ name: String, _ value: Int) -> ONNXProtoAttribute {
    var attribute = ONNXProtoAttribute(name, kind: 2)
    attribute.integer = Int64(value)
    return attribute
  }

  static func text(_ name: String, _ value: String) -> ONNXProtoAttribute {
    var attribute = ONNXProtoAttribute(name, kind: 3)
    attribute.text = Data(value.utf8)
    return attribute
  }

  static func graph(_ name: String, _ value: ONNXProtoGraph) -> ONNXProtoAttribute {
    var attribute = ONNXProtoAttribute(name, kind: 5)
    attribute.graph = value
    return attribute
  }

  static func floats(_ name: String, _ values: [Float]) -> ONNXProtoAttribute {
    var attribute = ONNXProtoAttribute(name, kind: 6)
    attribute.floats = values
    return attribute
  }

  static func integers(_ name: String, _ values: [Int]) -> ONNXProtoAttribute {
    var attribute = ONNXProtoAttribute(name, kind: 7)
    attribute.integers = values.map(Int64.init)
    return attribute
  }

  static func texts(_ name: String, _ values: [String]) -> ONNXProtoAttribute {
    var attribute = ONNXProtoAttribute(name, kind: 8)
    attribute.texts = values.map { Data($0.utf8) }
    return attribute
  }
}
