import WeftBase
import WeftLayers
import WeftModels

/// Layers that pool windows of steps, or arrange steps and features.
extension KerasNetworkReader {
  /// `MaxPooling1D` or `AveragePooling1D`.
  mutating func addPooling(_ kind: WindowPooling, _ layer: KerasLayer) throws(WeftError) {
    let config = layer.config
    let width = layer.number("pool_size") ?? layer.number("pool_length") ?? 2
    let stride = layer.number("strides") ?? layer.number("stride") ?? width
    guard config["data_format"]?.text ?? "channels_last" == "channels_last" else {
      throw refuse(layer, "must have the features last")
    }
    guard (1...4096).contains(width), (1...4096).contains(stride) else {
      throw refuse(layer, "has windows of \(width) steps at a distance of \(stride)")
    }
    let name = config["padding"]?.text ?? config["border_mode"]?.text ?? "valid"
    guard let padding = ConvolutionPadding(rawValue: name), padding != .causal else {
      throw refuse(layer, "padding '\(name)' is not supported")
    }
    if padding == .valid { noteWindow(layer) }
    try append(
      .pooling(PoolingWindow(kind: kind, width: width, stride: stride, padding: padding)), layer)
  }

  /// Pooling of whole sequences.
  mutating func addGlobalPooling(_ kind: PoolKind, _ layer: KerasLayer) throws(WeftError) {
    guard layer.config["data_format"]?.text ?? "channels_last" == "channels_last",
      layer.config["keepdims"]?.bool != true
    else { throw refuse(layer, "must have the features last, and no keepdims") }
    if isPooled { throw refuse(layer, "comes after a layer that leaves one step") }
    try append(.pool(kind), layer)
  }

  /// Tells how windows that a sequence does not fill differ.
  mutating func noteWindow(_ layer: KerasLayer) {
    notes.append(
      "layer '\(layer.name)' has no padding: a sequence shorter than its window gives one output in Weft, an"
        + " error in Keras")
  }

  /// Steps of the inputs, if the model tells them.
  var inputSteps: Int? {
    guard let shape = inputShape, shape.count >= 2, let length = shape[1], length > 0, length <= 1 << 24
    else {
      return nil
    }
    return length
  }

  /// Steps of the last block's output, if the model tells those of its inputs.
  var steps: Int? { keptSteps?.count ?? inputSteps.map { chain.steps(of: $0) } }

  /// `Flatten`, which changes nothing after pooling. Before a dense layer, it makes that one a convolution over as many
  /// steps as the model has.
  mutating func addFlatten(_ layer: KerasLayer) throws(WeftError) {
    if isPooled || returnsSequences == false || flattenedSteps != nil { return }
    try keepRepeated()
    guard let steps, outputSize != nil || embedding != nil else {
      throw refuse(layer, "needs a model with a fixed number of steps; pool them instead")
    }
    guard steps <= 4096 else { throw refuse(layer, "is supported for up to 4096 steps, not \(steps)") }
    flattenedSteps = steps
  }

  /// The dense layer after `Flatten`.
  mutating func appendFlattened(_ dense: DenseWeights, steps: Int, _ layer: KerasLayer) throws(WeftError) {
    if let features = outputSize, obstacles.isEmpty, dense.weights.rows != steps * features {
      throw refuse(layer, "has \(dense.weights.rows) inputs, expected \(steps) steps of \(features) features")
    }
    try checkAppending(layer)
    let missing = keptSteps?.after ?? 0
    var whole = dense
    if missing > 0, steps > 0 {
      // The steps after them have no weights.
      let rows = dense.weights.rows / steps * missing
      guard chain.scaling?.factors.count != dense.weights.rows || steps == 1,
        let count = [rows, dense.weights.columns].boundedProduct, count <= 1 << 26
      else { throw refuse(layer, "cannot be joined with the layers before it") }
      whole.weights = whole.weights.over(
        WeightMatrix(
          rows: rows, columns: dense.weights.columns, values: [Float](repeating: 0, count: count)))
    }
    guard chain.appendFlat(whole, steps: steps + missing) || !obstacles.isEmpty else {
      throw refuse(layer, "cannot be joined with the normalization before it")
    }
    if keptSteps == nil || missing > 0 {
      notes.append(
        "layer '\(layer.name)' reads \(steps) steps at once: sequences must have the length that the model was made for"
      )
    }
    (flattenedSteps, keptSteps) = (nil, nil)
  }

  /// `Flatten` that no dense layer follows.
  mutating func appendFlattenedSteps(_ join: KerasLayer) throws(WeftError) {
    guard let steps = flattenedSteps, softmax == nil, zeroPadding == nil, repetition == nil, reshaped == nil
    else {
      return
    }
    guard let size = outputSize.flatMap({ [$0, steps].boundedProduct }), size <= BlockChain.maximumIdentity
    else {
      throw refuse(join, "joins all steps of a layer side by side, which are too many")
    }
    let dense = DenseWeights(weights: .identity(size), bias: [Float](repeating: 0, count: size))
    try appendFlattened(dense, steps: steps, join)
  }

  /// `Reshape`, where it changes nothing, or makes steps of inputs that are a list of numbers.
  mutating func addReshape(_ layer: KerasLayer) throws(WeftError) {
    let target = layer.config["target_shape"]?.list?.map(\.integer) ?? []
    if chain.blocks.isEmpty, embedding == nil, branchInputs == nil, chain.scaling == nil,
      inputShape?.count == 2, target.count == 2
    {
      notes.append(
        "layer '\(layer.name)' makes \(target[1] == 1 ? "a step of each input" : "steps of the inputs"): store"
          + " them as sequences")
      inputShape = [nil, target[0] == -1 ? nil : target[0], target[1]]
      return
    }
    let size = outputSize ?? inputShape?.last.flatMap(\.self)
    if !isPooled, flattenedSteps == nil, target.count == 2, let steps, let size,
      [steps, -1].contains(target[0]), [size, -1].contains(target[1])
    {
      return
    }
    if isPooled, target.count == 1, let size, [size, -1].contains(target[0]) { return }
    if isPooled, let size, target.compactMap(\.self).boundedProduct == size {
      reshaped = layer.name
      notes.append(
        "layer '\(layer.name)' is ignored: the \(size) outputs are side by side, as those of direct forecasts"
      )
      return
    }
    throw refuse(layer, "changes steps and features, which is not supported")
  }

  /// A layer at every step.
  mutating func addTimeDistributed(_ layer: KerasLayer) throws(WeftError) {
    let inner = layer.config["layer"]
    guard let name = inner?["class_name"]?.text, Self.stepClasses.contains(name),
      !isPooled || !obstacles.isEmpty
    else {
      throw refuse(
        layer,
        "TimeDistributed of \(inner?["class_name"]?.text ?? "such a layer") is not supported: a step of Weft's networks"
          + " is one vector of features, in which nothing has an order")
    }
    if name == "Flatten" { return }
    var whole = layer
    whole.className = name
    whole.config = inner?["config"]?.members ?? [:]
    // Of each step, the features are the first axis.
    let axis = whole.config["axis"]?.list?.first?.integer ?? whole.config["axis"]?.integer
    if axis == 1 { whole.config["axis"] = -1 }
    try add(whole)
  }

  /// Layers that compute the same within `TimeDistributed` and alone.
  private static let stepClasses: Set = KerasLayer.classesWithoutEffect.union([
    "Dense", "Activation", "Softmax", "ReLU", "LeakyReLU", "ELU", "BatchNormalization", "LayerNormalization",
    "Rescaling", "Flatten",
  ])
}

extension KerasLayer {
  /// A whole number, alone or in a list of one; nil if there is none.
  func number(_ key: String) -> Int? { config[key]?.integer ?? config[key]?.list?.first?.integer }
}
