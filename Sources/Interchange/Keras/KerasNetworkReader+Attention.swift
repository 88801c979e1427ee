import KernelInterface
import WeftBase
import WeftLayers

/// Pooling by attention as people write it out: a dense layer scores the steps, a softmax over them weights the steps, and
/// the weighted steps are added up.
extension KerasNetworkReader {
  /// Weighted steps, which a sum has to follow.
  struct WeightedSteps {
    var layer: String
    var weights: AttentionWeights
  }

  /// Reads a product of the steps and their weights.
  ///
  /// - Returns: Whether it is one.
  mutating func addWeightedSteps(_ layer: KerasLayer) throws(WeftError) -> Bool {
    guard ["Multiply", "Dot"].contains(layer.className), layer.branches.count == 2,
      let place = layer.branches.firstIndex(where: \.isEmpty), !isPooled, returnsSequences != false,
      flattenedSteps == nil, keptSteps == nil, repetition == nil,
      let weights = try stepWeights(layer.branches[1 - place], isProduct: layer.className == "Multiply")
    else { return false }
    try checkAppending(layer)
    guard layer.className == "Dot" else {
      weighted = WeightedSteps(layer: layer.name, weights: weights)
      return true
    }
    let axes = layer.config["axes"]?.list?.map(\.integer) ?? [layer.config["axes"]?.integer]
    guard axes.allSatisfy({ $0 == 1 }), layer.config["normalize"]?.bool != true else { return false }
    try append(.attention(weights), layer)
    return true
  }

  /// `Dot`, which is supported as the sum of steps by their weights.
  mutating func addDot(_ layer: KerasLayer) throws(WeftError) {
    if try !addWeightedSteps(layer) { try layer.checkClass(file: file) }
  }

  func onlySum(of weighted: WeightedSteps) -> WeftError {
    .model(
      "\(file): layer '\(weighted.layer)': weights the steps of a sequence, which only their sum or mean over all steps can"
        + " follow")
  }

  /// The sum of Keras 3's operations, or the mean, of weighted steps.
  mutating func addSum(_ layer: KerasLayer, isMean: Bool) throws(WeftError) {
    let axis = layer.config["axis"]?.integer ?? layer.config["axis"]?.list?.first?.integer
    guard let weighted, isMean || axis == 1 || axis == -2 else { return try layer.checkClass(file: file) }
    let steps = steps
    self.weighted = nil
    try append(.attention(weighted.weights), layer)
    guard isMean else { return }
    guard let steps, let features = outputSize else {
      throw refuse(
        layer, "takes the mean of weighted steps, which is supported in a model with a fixed number of steps")
    }
    _ = chain.scale(
      by: InputScaling(
        factors: [Float](repeating: 1 / Float(steps), count: features),
        shifts: [Float](repeating: 0, count: features)))
    scalingLayer = layer.name
    notes.append(
      "layer '\(layer.name)' divides by \(steps): sequences must have the length that the model was made for")
  }

  /// The weights of attention that layers compute of each step; nil if they compute something else.
  ///
  /// - Parameter isProduct: Whether each feature of a step is multiplied by its weight.
  private func stepWeights(_ layers: [KerasLayer], isProduct: Bool) throws(WeftError) -> AttentionWeights? {
    var rest = layers.filter { !KerasLayer.classesWithoutEffect.contains($0.className ?? "") }.map(
      \.ofEachStep)[...]
    var dense: [(weights: DenseWeights, function: Activation)] = []
    while let layer = rest.first, layer.className == "Dense", dense.count < 2 {
      guard let function = function(KerasLayer.activation(layer.config["activation"]) ?? "linear") else {
        return nil
      }
      dense.append((try self.dense(layer), function))
      rest.removeFirst()
      if let next = rest.first, next.className == "Activation", function == .linear,
        let own = self.function(KerasLayer.activation(next.config["activation"]) ?? "linear")
      {
        dense[dense.count - 1].function = own
        rest.removeFirst()
      }
    }
    let isFlat = rest.first?.className == "Flatten" || rest.first?.config["target_shape"]?.list?.count == 1
    if isFlat { rest.removeFirst() }
    guard let softmax = rest.popFirst(), softmax.isSoftmax(over: isFlat ? [-1, 1] : [1, -2]),
      let last = dense.last, last.weights.weights.columns == 1, let first = dense.first,
      first.weights.weights.rows == outputSize, dense.count == 1 || last.function == .linear
    else { return nil }
    if isFlat, isProduct {
      // A weight for each feature.
      guard rest.count == 2, let layer = rest.popFirst(), layer.className == "RepeatVector",
        layer.number("n") == outputSize, let order = rest.popFirst(), order.className == "Permute",
        order.config["dims"]?.list?.map(\.integer) == [2, 1]
      else { return nil }
    }
    guard rest.isEmpty else { return nil }
    let result = AttentionWeights(
      projection: first.weights, score: dense.count == 1 ? .identity(1) : last.weights.weights,
      activation: first.function)
    return NetworkBlock.attention(result).configuration.problem == nil ? result : nil
  }
}

extension KerasLayer {
  /// The layer itself, which may be within `TimeDistributed`.
  fileprivate var ofEachStep: KerasLayer {
    guard className == "TimeDistributed" else { return self }
    var inner = self
    inner.className = config["layer"]?["class_name"]?.text
    inner.config = config["layer"]?["config"]?.members ?? [:]
    return inner
  }

  /// Whether the layer is a softmax over one of some axes.
  fileprivate func isSoftmax(over axes: [Int]) -> Bool {
    let isSoftmax =
      className == "Softmax" || className == "Activation" && config["activation"]?.text == "softmax"
    return isSoftmax && axes.contains(className == "Softmax" ? config["axis"]?.integer ?? -1 : -1)
  }
}
