import WeftBase
import WeftLayers

/// Models with several inputs: each chain of layers begins with some columns of what the network reads.
extension KerasNetworkReader {
  /// Whether a chain of several inputs has no block yet.
  var isAtInputs: Bool { inputs != nil && readsInputs && chain.blocks.isEmpty && chain.scaling == nil }

  /// `InputLayer` of a model with several.
  mutating func begin(_ input: NetworkInputs.Input, _ layer: KerasLayer) throws(WeftError) {
    guard isAtInputs else { throw refuse(layer, "comes after other layers") }
    source = input.name
    isStatic = input.isStatic
    take(input.columns)
  }

  /// Lets the chain begin with some columns.
  mutating func take(_ columns: [Int]) {
    selection = columns
    branchInputs = columns.count
    inputShape = [nil, inputs?.steps, columns.count]
  }

  /// `Embedding` of one of several inputs.
  mutating func embedInput(_ layer: KerasLayer, _ inputs: NetworkInputs) throws(WeftError) {
    guard isAtInputs, let source, let columns = inputs[source]?.embedded[layer.name] else {
      if !obstacles.isEmpty { return }
      throw refuse(layer, "an embedding is supported only as the first layer after an input")
    }
    self.source = nil
    take(columns)
  }

  /// Joins branches that are columns of the inputs to more of them.
  ///
  /// - Returns: Whether there is nothing to compute.
  mutating func joinColumns(_ branches: [KerasNetworkReader], _ merge: DirectionMerge) -> Bool {
    guard isAtInputs, merge == .concatenate,
      branches.allSatisfy({ $0.isAtInputs && $0.selection != nil && $0.isStatic == branches[0].isStatic })
    else { return false }
    isStatic = branches[0].isStatic
    source = nil
    take(branches.flatMap { $0.selection ?? [] })
    return true
  }

  /// Lets each branch read all columns, and those that read one vector of each sequence take one step where others leave
  /// one.
  ///
  /// - Throws: If some leave one step and others do not.
  mutating func widen(_ branches: inout [KerasNetworkReader], _ layer: KerasLayer) throws(WeftError) {
    let areStatic = branches.allSatisfy(\.isStatic)
    let others = branches.filter { !$0.isStatic }
    let leavesOneStep = others.contains(where: \.leavesOneStep)
    // Sums and products of a vector and a sequence take the vector at every step.
    let isRepeated = !leavesOneStep && layer.className != "Concatenate"
    guard others.allSatisfy({ $0.leavesOneStep == leavesOneStep }),
      areStatic || leavesOneStep || isRepeated || others.count == branches.count
    else { throw refuse(layer, "joins vectors and sequences, which is supported after RepeatVector only") }
    for index in branches.indices {
      if try branches[index].readAll(expansion: &expansion, layer) { branches[index].training.shift() }
      if leavesOneStep, branches[index].isStatic {
        branches[index].chain.poolFirst()
        branches[index].training.shift()
      }
    }
    isStatic = areStatic
    guard isAtInputs, let inputs else { return }
    (source, selection) = (nil, nil)
    branchInputs = inputs.width
    inputShape = [nil, inputs.steps, inputs.width]
  }

  /// Lets the blocks read all columns of the inputs, in place of those that the chain begins with.
  ///
  /// - Returns: Whether that added a block at the start.
  mutating func readAll(expansion: inout Int, _ layer: KerasLayer?) throws(WeftError) -> Bool {
    guard let inputs, readsInputs, let columns = selection else { return false }
    selection = nil
    guard let count = chain.selectionWeights(columns, of: inputs.width),
      count <= Self.maximumExpansion - expansion
    else {
      throw .model("\(file): \(layer.map { "layer '\($0.name)': " } ?? "")its inputs have too many features")
    }
    expansion += count
    branchInputs = inputs.width
    return chain.select(columns, of: inputs.width)
  }

  /// The same, of the chain of the whole network.
  func readAll(_ whole: inout BlockChain) throws(WeftError) -> Bool {
    var reader = self
    reader.chain = whole
    var expansion = expansion
    let isLonger = try reader.readAll(expansion: &expansion, nil)
    whole = reader.chain
    return isLonger
  }

  /// `RepeatVector` of what is the same at every step.
  mutating func repeatStatic(_ count: Int, _ layer: KerasLayer) throws(WeftError) {
    if let steps = inputs?.steps, steps != count {
      throw refuse(layer, "repeats \(count) steps beside sequences of \(steps)")
    }
    if inputs?.steps == nil {
      notes.append("layer '\(layer.name)' repeats \(count) steps: sequences must have as many")
    }
    isStatic = false
    returnsSequences = true
    inputShape = [nil, count, branchInputs]
  }
}

extension NetworkBlock {
  /// Whether the block needs a sequence.
  var readsSteps: Bool {
    switch self {
    case .dense, .normalization, .activation, .branches: false
    case .recurrent, .convolution, .pooling, .pool, .attention: true
    case .residual(let inner), .highway(let inner, _): inner.readsSteps
    }
  }
}
