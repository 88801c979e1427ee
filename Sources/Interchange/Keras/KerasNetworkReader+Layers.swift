import KernelInterface
import WeftBase
import WeftLayers
import WeftModels

extension KerasNetworkReader {
  mutating func addDense(_ layer: KerasLayer) throws(WeftError) {
    let dense = try dense(layer)
    if let steps = flattenedSteps {
      try appendFlattened(dense, steps: steps, layer)
    } else {
      try append(.dense(dense, .linear), layer)
    }
    try set(KerasLayer.activation(layer.config["activation"]) ?? "linear", layer)
  }

  /// The weights of a dense layer.
  func dense(_ layer: KerasLayer) throws(WeftError) -> DenseWeights {
    guard let kernel = layer.variables.first, layer.variables.count <= 2 else {
      throw refuse(layer, "has \(layer.variables.count) weight arrays; expected kernel and bias")
    }
    let weights = try matrix(kernel, layer)
    let bias =
      layer.variables.count == 2
      ? layer.variables[1].array.values : [Float](repeating: 0, count: weights.columns)
    if obstacles.isEmpty, weights.rows == 0 || weights.columns == 0 { throw refuse(layer, "has no weights") }
    return DenseWeights(weights: weights, bias: bias)
  }

  /// The means and variances of a normalization layer, which were given to it or are its weights, of each feature or of
  /// all.
  private func normalization(
    _ layer: KerasLayer, _ features: Int
  ) throws(WeftError) -> (means: [Double], variances: [Double]) {
    var arrays = layer.variables.prefix(2).map { $0.array.values.map(Double.init) }
    if arrays.isEmpty {
      arrays = ["mean", "variance"].compactMap { layer.config[$0]?.numbers }
    }
    arrays = arrays.map { $0.count == 1 ? [Double](repeating: $0[0], count: max(features, 1)) : $0 }
    guard arrays.count == 2, arrays.allSatisfy({ $0.count == features || !obstacles.isEmpty }) else {
      throw refuse(layer, "its weights do not match the \(features) features")
    }
    return (arrays[0], arrays[1])
  }

  /// A layer that multiplies features by constants and adds others.
  mutating func addScaling(_ layer: KerasLayer) throws(WeftError) {
    let features = try features(of: layer)
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
        axis != -1, axis != 2, !(axis == 1 && (isPooled || flattenedSteps != nil))
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
        "layer '\(layer.name)' becomes part of the weights beside it, with its moving statistics")
    case "Normalization":
      let (means, variances) = try normalization(layer, features)
      let deviations = variances.map { max($0.squareRoot(), 1e-7) }
      if layer.config["invert"]?.bool == true {
        (factors, shifts) = (deviations, means)
      } else {
        factors = deviations.map { 1 / $0 }
        shifts = zip(factors, means).map { -$0 * $1 }
      }
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
    try checkAppending(layer)
    scalingLayer = layer.name
    let fits =
      if let flattenedSteps { chain.scaleFlat(by: added, steps: flattenedSteps) } else {
        chain.scale(by: added)
      }
    if !fits, obstacles.isEmpty { throw refuse(layer, "its weights do not match the \(features) features") }
  }

  /// `LayerNormalization` over the features of each step.
  mutating func addNormalization(_ layer: KerasLayer) throws(WeftError) {
    let features = try features(of: layer)
    let config = layer.config
    let axes = config["axis"]?.list?.map(\.integer) ?? [config["axis"]?.integer ?? -1]
    guard axes == [-1] || axes == [2] || (axes == [1] && isPooled), flattenedSteps == nil else {
      throw refuse(layer, "must be over the last axis")
    }
    if config["rms_scaling"]?.bool == true { throw refuse(layer, "rms_scaling is not supported") }
    let (scales, centers) = (config["scale"]?.bool ?? true, config["center"]?.bool ?? true)
    let arrays = layer.variables.map(\.array.values)
    guard arrays.count == (scales ? 1 : 0) + (centers ? 1 : 0),
      !obstacles.isEmpty || arrays.allSatisfy({ $0.count == features })
    else { throw refuse(layer, "its weights do not match the \(features) features") }
    let epsilon = Float(config["epsilon"]?.number ?? 1e-3)
    guard epsilon > 0, epsilon <= 1 else { throw refuse(layer, "its epsilon must be above 0 and at most 1") }
    try append(
      .normalization(
        gain: scales ? arrays[0] : [Float](repeating: 1, count: features),
        bias: centers ? arrays[arrays.count - 1] : [Float](repeating: 0, count: features), epsilon: epsilon),
      layer)
  }

  /// Features after the last block; nil before the first, unless the model tells them.
  var outputSize: Int? {
    chain.blocks.isEmpty
      ? embedding?.columns ?? branchInputs ?? chain.scaling?.factors.count
      : chain.outputs(inputs: embedding?.columns ?? firstInputs)
  }
}
