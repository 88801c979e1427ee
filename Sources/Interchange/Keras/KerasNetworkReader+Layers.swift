import KernelInterface
import WeftBase
import WeftLayers
import WeftModels

extension KerasNetworkReader {
  mutating func addDense(_ layer: KerasLayer) throws(WeftError) {
    let config =
      layer.className == "TimeDistributed" ? layer.config["layer"]?["config"]?.members ?? [:] : layer.config
    if layer.className == "TimeDistributed", layer.config["layer"]?["class_name"]?.text != "Dense" {
      throw refuse(layer, "TimeDistributed must contain a Dense layer")
    }
    guard let kernel = layer.variables.first, layer.variables.count <= 2 else {
      throw refuse(layer, "has \(layer.variables.count) weight arrays; expected kernel and bias")
    }
    let weights = try matrix(kernel, layer)
    let bias =
      layer.variables.count == 2
      ? layer.variables[1].array.values : [Float](repeating: 0, count: weights.columns)
    if obstacles.isEmpty, weights.rows == 0 || weights.columns == 0 { throw refuse(layer, "has no weights") }
    try append(.dense(DenseWeights(weights: weights, bias: bias), .linear), layer)
    if layer.className == nil { undescribedDense = layer.name }
    try set(KerasLayer.activation(config["activation"]) ?? "linear", layer)
  }

  mutating func addConvolution(_ layer: KerasLayer) throws(WeftError) {
    let config = layer.config
    func number(_ key: String) -> Int {
      config[key]?.integer ?? config[key]?.list?.first?.integer ?? 1
    }
    guard config["data_format"]?.text ?? "channels_last" == "channels_last", number("groups") == 1 else {
      throw refuse(layer, "must have the features last, and one group")
    }
    guard let padding = ConvolutionPadding(rawValue: config["padding"]?.text ?? "valid") else {
      throw refuse(layer, "padding '\(config["padding"]?.text ?? "")' is not supported")
    }
    guard let kernel = layer.variables.first?.array, layer.variables.count <= 2, kernel.shape.count == 3,
      kernel.shape.allSatisfy({ $0 > 0 }), (1...4096).contains(number("strides")),
      (1...65536).contains(number("dilation_rate")), kernel.shape[0] <= 4096
    else { throw refuse(layer, "expected a kernel of three dimensions and a bias") }
    let (filters, rows) = (kernel.shape[2], kernel.values.count / kernel.shape[2])
    let bias =
      layer.variables.count == 2
      ? layer.variables[1].array.values : [Float](repeating: 0, count: filters)
    if padding == .valid {
      notes.append(
        "layer '\(layer.name)' has no padding: a sequence shorter than its window gives one output in Weft,"
          + " an error in Keras")
    }
    try append(
      .convolution(
        ConvolutionWeights(
          dense: DenseWeights(
            weights: WeightMatrix(rows: rows, columns: filters, values: kernel.values), bias: bias),
          width: kernel.shape[0], stride: number("strides"), dilation: number("dilation_rate"),
          padding: padding, activation: .linear)), layer)
    try set(KerasLayer.activation(config["activation"]) ?? "linear", layer)
  }

  /// A layer that is an activation.
  mutating func addActivation(_ layer: KerasLayer) throws(WeftError) {
    let config = layer.config
    let slope = config["negative_slope"]?.number ?? config["alpha"]?.number
    switch layer.className {
    case "Softmax":
      if let axis = config["axis"], axis != -1 { throw refuse(layer, "must be over the last axis") }
      try set("softmax", layer)
    case "ReLU":
      guard config["max_value"]?.number == nil, slope ?? 0 == 0, config["threshold"]?.number ?? 0 == 0 else {
        throw refuse(layer, "is supported without max_value, negative_slope and threshold")
      }
      try set("relu", layer)
    case "LeakyReLU":
      guard let slope, abs(slope - 0.01) < 1e-9 else {
        throw refuse(layer, "is supported with a slope of 0.01, not \(slope ?? 0.3)")
      }
      try set("leaky-relu", layer)
    case "ELU":
      guard slope ?? 1 == 1 else { throw refuse(layer, "is supported with alpha 1") }
      try set("elu", layer)
    default: try set(KerasLayer.activation(config["activation"]) ?? "linear", layer)
    }
  }

  /// A layer that multiplies features by constants and adds others.
  mutating func addScaling(_ layer: KerasLayer) throws(WeftError) {
    let features = outputSize ?? layer.variables.first?.array.values.count ?? 0
    func vectors(_ count: Int) throws(WeftError) -> [[Double]] {
      let arrays = layer.variables.prefix(count).map { $0.array.values.map(Double.init) }
      guard arrays.count == count, arrays.allSatisfy({ $0.count == features || !obstacles.isEmpty }) else {
        throw refuse(layer, "its weights do not match the \(features) features")
      }
      return arrays
    }
    var (factors, shifts): ([Double], [Double])
    switch layer.className {
    case "BatchNormalization":
      if let axis = layer.config["axis"]?.integer ?? layer.config["axis"]?.list?.first?.integer,
        axis != -1, axis != 2, !(axis == 1 && isPooled)
      {
        throw refuse(layer, "must be over the last axis")
      }
      let scales = layer.config["scale"]?.bool ?? true
      let centers = layer.config["center"]?.bool ?? true
      let all = try vectors(2 + (scales ? 1 : 0) + (centers ? 1 : 0))
      let (mean, variance) = (all[all.count - 2], all[all.count - 1])
      let epsilon = layer.config["epsilon"]?.number ?? 1e-3
      factors = variance.map { 1 / ($0 + epsilon).squareRoot() }
      if scales { factors = zip(factors, all[0]).map { $0 * $1 } }
      shifts = zip(factors, mean).map { -$0 * $1 }
      if centers { shifts = zip(shifts, all[scales ? 1 : 0]).map { $0 + $1 } }
      notes.append(
        "layer '\(layer.name)' becomes part of the next layer's weights, with its moving statistics")
    case "Normalization":
      let all = try vectors(2)
      factors = all[1].map { 1 / max($0.squareRoot(), 1e-7) }
      shifts = zip(factors, all[0]).map { -$0 * $1 }
    default:
      let offset = layer.config["offset"].map { $0.number } ?? 0
      guard let scale = layer.config["scale"]?.number, let offset else {
        throw refuse(layer, "is supported with one scale and one offset")
      }
      factors = [Double](repeating: scale, count: max(features, 1))
      shifts = [Double](repeating: offset, count: max(features, 1))
    }
    if layer.className == "Rescaling", features == 0 {
      throw refuse(layer, "is supported after another layer only; scale the data instead (data.standardize)")
    }
    let added = InputScaling(factors: factors.map { Float($0) }, shifts: shifts.map { Float($0) })
    guard let (before, _) = scaling else {
      scaling = (added, layer.name)
      return
    }
    scaling = (before.followed(by: added), layer.name)
  }

  /// Features after the last block; nil before the first.
  var outputSize: Int? {
    blocks.isEmpty
      ? embedding?.columns
      : BlockConfiguration.size(of: blocks.map(\.configuration), inputs: embedding?.columns ?? firstInputs)
        .outputs
  }

  /// The activation that Keras calls by a name; nil if it is not supported.
  func function(_ name: String) -> Activation? {
    // The slope of the hard sigmoid changed.
    if name == "hard_sigmoid" { return version.map { $0 < 3 ? .hardSigmoidKeras2 : .hardSigmoid } }
    let functions: [String: Activation] = [
      "linear": .linear, "relu": .relu, "tanh": .tanh, "sigmoid": .sigmoid, "softplus": .softplus,
      "elu": .elu, "gelu": .gelu, "leaky-relu": .leakyReLU,
    ]
    return functions[name]
  }

  /// Applies an activation to the outputs of the last block.
  mutating func set(_ name: String, _ layer: KerasLayer) throws(WeftError) {
    if name == "linear" { return }
    if name == "softmax" {
      if obstacles.isEmpty, softmax != nil || scaling != nil {
        throw refuse(layer, "activation 'softmax' is supported at the end only")
      }
      if case .dense(_, .linear) = blocks.last {} else { try addIdentity(layer) }
      softmax = layer.name
      return
    }
    guard let function = function(name) else { throw refuse(layer, "activation '\(name)' is not supported") }
    switch blocks.last {
    case .dense(let dense, .linear) where scaling == nil:
      blocks[blocks.count - 1] = .dense(dense, function)
    case .convolution(var convolution) where convolution.activation == .linear && scaling == nil:
      convolution.activation = function
      blocks[blocks.count - 1] = .convolution(convolution)
    default:
      try addIdentity(layer)
      if case .dense(let dense, _) = blocks.last { blocks[blocks.count - 1] = .dense(dense, function) }
    }
  }

  /// A dense layer that computes its inputs, for an activation after other layers.
  mutating func addIdentity(_ layer: KerasLayer) throws(WeftError) {
    guard let size = outputSize, size > 0, size <= 1 << 14 else {
      throw refuse(layer, "an activation is supported after a layer of up to 16384 features only")
    }
    try append(
      .dense(DenseWeights(weights: .identity(size), bias: [Float](repeating: 0, count: size)), .linear), layer
    )
  }
}
