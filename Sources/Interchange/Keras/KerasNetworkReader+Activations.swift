import KernelInterface
import WeftBase
import WeftLayers

extension KerasNetworkReader {
  /// A layer that is an activation.
  mutating func addActivation(_ layer: KerasLayer) throws(WeftError) {
    let config = layer.config
    let slope = config["negative_slope"]?.number ?? config["alpha"]?.number
    switch layer.className {
    case "Softmax":
      if let axis = config["axis"], axis != -1 { throw refuse(layer, "must be over the last axis") }
      try set("softmax", layer)
    case "ReLU":
      guard config["threshold"]?.number ?? 0 == 0 else {
        throw refuse(layer, "is supported without threshold")
      }
      try setRectifier(slope: slope ?? 0, maximum: config["max_value"]?.number, layer)
    case "LeakyReLU": try setRectifier(slope: slope ?? 0.3, maximum: nil, layer)
    case "ELU":
      guard slope ?? 1 == 1 else { throw refuse(layer, "is supported with alpha 1") }
      try set("elu", layer)
    default: try set(KerasLayer.activation(config["activation"]) ?? "linear", layer)
    }
  }

  /// The activation that Keras calls by a name; nil if it is not supported.
  func function(_ name: String) -> Activation? {
    // The slope of the hard sigmoid changed.
    if name == "hard_sigmoid" { return version.map { $0 < 3 ? .hardSigmoidKeras2 : .hardSigmoid } }
    let functions: [String: Activation] = [
      "linear": .linear, "relu": .relu, "tanh": .tanh, "sigmoid": .sigmoid, "softplus": .softplus,
      "elu": .elu, "gelu": .gelu, "leaky-relu": .leakyReLU, "selu": .selu, "silu": .silu, "swish": .silu,
      "mish": .mish, "relu6": .relu6, "softsign": .softsign, "exponential": .exponential,
    ]
    return functions[name]
  }

  /// Applies an activation to the outputs of the last block.
  mutating func set(_ name: String, _ layer: KerasLayer) throws(WeftError) {
    switch name {
    case "linear": return
    case "leaky_relu": return try setRectifier(slope: 0.2, maximum: nil, layer)
    case "softmax", "log_softmax":
      if obstacles.isEmpty, softmax != nil || chain.scaling != nil {
        throw refuse(layer, "activation 'softmax' is supported at the end only")
      }
      guard chain.endInDense(features: try featuresToActivate(layer)) else { throw tooManyFeatures(layer) }
      softmax = layer.name
    default:
      guard let function = function(name) else {
        throw refuse(layer, "activation '\(name)' is not supported")
      }
      guard chain.apply(function, features: try featuresToActivate(layer)) else {
        throw tooManyFeatures(layer)
      }
    }
  }

  /// Applies min(x, maximum) where x > 0, and slope · x elsewhere.
  private mutating func setRectifier(
    slope: Double, maximum: Double?, _ layer: KerasLayer
  ) throws(WeftError) {
    guard slope == 0 || maximum == nil else { throw refuse(layer, "has both a slope and a maximum") }
    guard
      chain.rectify(
        slope: Float(slope), maximum: maximum.map { Float($0) }, features: try featuresToActivate(layer))
    else { throw tooManyFeatures(layer) }
  }

  /// `PReLU`: slopes for x < 0 of each feature, the same at all steps.
  mutating func addSlopes(_ layer: KerasLayer) throws(WeftError) {
    guard let slopes = layer.variables.first?.array, layer.variables.count == 1 else {
      throw refuse(layer, "has \(layer.variables.count) weight arrays; expected its slopes")
    }
    guard slopes.shape.dropLast().allSatisfy({ $0 == 1 }), !slopes.values.isEmpty else {
      throw refuse(layer, "has slopes of each step, not of each feature (shared_axes=[1])")
    }
    guard chain.rectify(slopes: slopes.values, features: try featuresToActivate(layer)) else {
      throw tooManyFeatures(layer)
    }
  }

  private func featuresToActivate(_ layer: KerasLayer) throws(WeftError) -> Int? {
    // An activation of the layer itself is not yet known to be one that nothing can follow.
    if layer.name != softmax { try checkAppending(layer) }
    if flattenedSteps != nil {
      throw refuse(layer, "an activation between Flatten and Dense is not supported")
    }
    return outputSize
  }

  private func tooManyFeatures(_ layer: KerasLayer) -> WeftError {
    refuse(
      layer, "an activation is supported after a layer of up to \(BlockChain.maximumIdentity) features only")
  }
}
