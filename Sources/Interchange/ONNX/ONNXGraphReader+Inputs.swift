import WeftBase
import WeftLayers

/// Graphs with several inputs: each chain of layers begins with some columns of what the network reads.
extension ONNXGraphReader {
  /// What a graph does with an input.
  private struct Use {
    var embeddings: [(name: String, matrix: WeightMatrix)] = []
    /// Whether it is read as numbers.
    var isRead = false
    /// Whether a list of numbers becomes steps of one each.
    var isSeries = false
  }

  /// Operators that arrange an input without reading it.
  private static let arranging: Set = [
    "Identity", "Cast", "Dropout", "Squeeze", "Unsqueeze", "Reshape", "Transpose",
  ]

  /// Finds the inputs that the graph reads, if there are several or one that several matrices embed.
  ///
  /// - Throws: If they are not one sequence with what belongs to it; the message names them.
  mutating func findInputs(_ graph: ONNXProtoGraph) throws(WeftError) {
    var traced: [String: String] = [:]
    var sizes: [String: [Int?]] = [:]
    var uses: [String: Use] = [:]
    for input in graph.inputs {
      guard case .input(let name, let known) = values[input.name] else { continue }
      (traced[name], sizes[name]) = (name, known)
    }
    guard !traced.isEmpty else { return }
    var lists: [String: [Int]] = [:]
    for node in graph.nodes {
      if node.operatorName == "Constant" {
        if let name = node.outputs.first,
          node.attributes.allSatisfy({ $0.tensor.shape.allSatisfy { $0 == 1 } })
        {
          lists[name] = try? constantValue(node).integers
        }
        continue
      }
      let operands = node.inputs.map { traced[$0] }
      if node.operatorName == "Shape" || operands.allSatisfy({ $0 == nil }) { continue }
      if Self.arranging.contains(node.operatorName), let name = operands[0], let output = node.outputs.first {
        traced[output] = name
        if node.operatorName == "Unsqueeze", sizes[name]?.count == 2,
          let axes = node.integers("axes")
            ?? node.inputs.dropFirst().first.flatMap({ lists[$0] ?? constant(node, 1)?.integers }),
          axes == [2] || axes == [-1]
        {
          uses[name, default: Use()].isSeries = true
        }
        continue
      }
      if node.operatorName == "Gather", operands.count == 2, let name = operands[1], operands[0] == nil {
        guard let table = constant(node, 0), table.shape.count == 2, !table.values.isEmpty,
          node.integer("axis") ?? 0 == 0
        else { continue }
        if uses[name]?.embeddings.contains(where: { $0.name == node.inputs[0] }) ?? false { continue }
        try take(floats: 2 * table.values.count)
        uses[name, default: Use()].embeddings.append(
          (node.inputs[0], WeightMatrix(rows: table.shape[0], columns: table.shape[1], values: table.floats)))
        continue
      }
      for (place, name) in operands.enumerated() {
        guard let name, place != 4 || !Self.recurrentOperators.contains(node.operatorName) else { continue }
        uses[name, default: Use()].isRead = true
      }
    }
    let used = graph.inputs.map(\.name).filter { name in
      uses[name].map { $0.isRead || !$0.embeddings.isEmpty } ?? false
    }
    guard used.count > 1 || used.contains(where: { (uses[$0]?.embeddings.count ?? 0) > 1 }) else { return }
    var names: Set<String> = []
    do {
      var all: [NetworkInputs.Input] = []
      for name in used {
        guard let use = uses[name], let sizes = sizes[name] else { continue }
        all.append(try Self.input(name, sizes, use, &names))
      }
      inputs = try NetworkInputs(all)
    } catch { throw .model("\(file): \(error.message)") }
  }

  private static func input(
    _ name: String, _ sizes: [Int?], _ use: Use, _ names: inout Set<String>
  ) throws(WeftError) -> NetworkInputs.Input {
    func refuse(_ complaint: String) -> WeftError { .model("its input '\(name)' \(complaint)") }
    let isEmbedded = !use.embeddings.isEmpty
    if isEmbedded, use.isRead {
      throw refuse("is read as numbers and by '\(use.embeddings[0].name)' as tokens, which is not supported")
    }
    let isSeries = use.isSeries && sizes.count == 2
    let isStatic =
      isEmbedded ? sizes.count == 1 || (sizes.count == 2 && sizes[1] == 1) : sizes.count == 2 && !isSeries
    guard isEmbedded ? (1...2).contains(sizes.count) : (2...3).contains(sizes.count) else {
      throw refuse(
        "has \(sizes.count) axes; a sequence of tokens has 2, one of features 3, and what belongs to a sequence 1 for"
          + " tokens and 2 for features")
    }
    var width = 1
    if !isEmbedded, !isSeries {
      guard let known = sizes[sizes.count - 1] else {
        throw refuse("does not say how many features it has; export without that axis as a dynamic one")
      }
      width = known
    }
    return NetworkInputs.Input(
      name: name, dataset: NetworkInputs.datasetName(name, isEmbedded: isEmbedded, &names),
      isStatic: isStatic, width: width, steps: isStatic ? nil : sizes[1], embeddings: use.embeddings)
  }

  /// An input of the graph before any layer.
  func flow(ofInput name: String, sizes: [Int?]) -> ONNXFlow {
    var flow = ONNXFlow(
      axes: sizes.indices.map { .input($0) }, source: name, isInput: true, inputSizes: sizes)
    guard let input = inputs?[name] else { return flow }
    if input.isEmbedded {
      if input.isStatic { flow.axes = sizes.count == 1 ? [.batch] : [.batch, .single] }
    } else {
      (flow.columns, flow.width) = (input.columns, input.width)
      if input.isStatic {
        flow.axes = [.batch, .features]
        flow.isInput = false
      }
    }
    flow.isStatic = input.isStatic
    return flow
  }

  /// An embedding lookup of one of several inputs.
  mutating func embed(_ tokens: ONNXFlow, _ node: ONNXProtoNode) throws(WeftError) {
    guard let columns = inputs?[tokens.source]?.embedded[node.inputs[0]] else {
      throw refuse(node, "an embedding is supported only of an input of the graph")
    }
    var flow = tokens
    flow.axes.append(.features)
    (flow.columns, flow.width) = (columns, columns.count)
    if flow.isStatic { flow.isInput = false }
    set(node, .flow(flow))
  }

  /// Joins activations that are columns of the inputs to more of them.
  ///
  /// - Returns: Nil if they are others.
  func joinedColumns(_ flows: [ONNXFlow], _ merge: DirectionMerge) -> ONNXFlow? {
    guard merge == .concatenate, inputs != nil,
      var result = flows.first(where: { !$0.hasInputAxes }) ?? flows.first,
      flows.allSatisfy({ $0.columns != nil && $0.isAtInputs && $0.isStatic == result.isStatic })
    else { return nil }
    let axes = flows.map { flow -> [ONNXFlow.Axis] in
      let axes = result.hasInputAxes ? flow.axes : flow.resolved(like: result).axes
      return axes.last == .input(2) ? axes.dropLast() + [.features] : axes
    }
    guard Set(axes.map(\.count)).count == 1, axes.allSatisfy({ $0 == axes[0] && $0.last == .features }) else {
      return nil
    }
    result.axes = axes[0]
    let columns = flows.flatMap { $0.columns ?? [] }
    (result.columns, result.width) = (columns, columns.count)
    return result
  }

  /// Lets activations that begin with different columns read all of them, and those that read one vector of each
  /// sequence take one step where others leave one.
  mutating func widen(_ flows: inout [ONNXFlow], _ node: ONNXProtoNode) throws(WeftError) {
    guard let inputs, flows.contains(where: { $0.columns != flows[0].columns }) else { return }
    let areStatic = flows.allSatisfy(\.isStatic)
    for index in flows.indices {
      try readAll(&flows[index].chain, flows[index].columns, of: inputs, node)
      flows[index].columns = nil
      guard flows[index].isStatic, !areStatic else { continue }
      flows[index].chain.poolFirst()
      (flows[index].isStatic, flows[index].pool) = (false, .last)
    }
  }

  /// Lets a chain read all columns of the inputs, in place of those that it begins with.
  mutating func readAll(
    _ chain: inout BlockChain, _ columns: [Int]?, of inputs: NetworkInputs, _ node: ONNXProtoNode?
  ) throws(WeftError) {
    guard let columns else { return }
    guard let count = chain.selectionWeights(columns, of: inputs.width) else {
      throw .model("\(file): its inputs have too many features")
    }
    try take(floats: count)
    _ = chain.select(columns, of: inputs.width)
  }
}

extension ONNXFlow {
  /// The activation with the axes of the input before the features taken as batch and steps.
  var batchFirst: ONNXFlow {
    guard axes == [.input(0), .input(1), .features] else { return self }
    var result = self
    result.axes = [.batch, .time, .features]
    (result.batchAxis, result.timeAxis) = (0, 1)
    return result
  }

  /// An input of the graph with all axes taken as batch, steps and features, of a fixed number each but the batch; nil for
  /// others.
  var batchFirstInput: ONNXFlow? {
    guard isInput, chain.scaling == nil, axes == inputSizes.indices.map({ .input($0) }),
      let width = inputSizes.last ?? nil
    else { return nil }
    var result = self
    switch axes.count {
    case 2:
      // A list is as many steps of one number.
      result.axes = [.batch, .features]
      result.flat = Flat(steps: width, featuresFirst: false)
      result.width = 1
    case 3:
      result.axes = [.input(0), .input(1), .features]
      result.width = width
      result = result.batchFirst
    default: return nil
    }
    return result
  }

  /// Whether nothing was computed yet.
  var isAtInputs: Bool { chain.blocks.isEmpty && chain.scaling == nil && pool == nil && flat == nil }

  var hasInputAxes: Bool { axes.contains(where: \.isInput) }
}
