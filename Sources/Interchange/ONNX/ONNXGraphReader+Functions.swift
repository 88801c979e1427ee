import KernelInterface
import WeftBase
import WeftLayers

/// Functions of each number, and the softmax at the end.
extension ONNXGraphReader {
  /// Whether all operands are zeros of any shape, such as initial states of each direction.
  func isZero(_ node: ONNXProtoNode) -> Bool {
    !node.inputs.isEmpty
      && node.inputs.indices.allSatisfy { index in
        switch operand(node, index) {
        case .constant(let tensor), .repeated(let tensor): tensor.values.allSatisfy { $0 == 0 }
        default: false
        }
      }
  }

  /// A function of each number.
  mutating func readFunction(_ node: ONNXProtoNode) throws(WeftError) {
    var flow = try take(node, 0)
    let count = features(flow)
    guard !flow.isInput, flow.flat == nil, flow.directions == 1 || flow.axes.contains(.joined) else {
      throw refuse(node, "is supported after a layer only")
    }
    let alpha = node.attribute("alpha")?.float
    var isSet = false
    switch node.operatorName {
    case "Relu": isSet = flow.chain.apply(.relu, features: count)
    case "Tanh": isSet = flow.chain.apply(.tanh, features: count)
    case "Sigmoid":
      isSet = flow.chain.apply(.sigmoid, features: count)
      if let input = node.inputs.first, let output = node.outputs.first { sigmoids[output] = input }
    case "Softsign": isSet = flow.chain.apply(.softsign, features: count)
    case "Exp": isSet = flow.chain.apply(.exponential, features: count)
    case "Swish":
      guard alpha ?? 1 == 1 else { throw refuse(node, "is supported with alpha 1") }
      isSet = flow.chain.apply(.silu, features: count)
    case "PRelu":
      guard let slopes = constant(node, 1), slopes.shape.filter({ $0 != 1 }).count <= 1,
        !slopes.values.isEmpty
      else { throw refuse(node, "its slopes are not one number for each feature") }
      isSet = flow.chain.rectify(slopes: slopes.floats, features: count)
    case "Mish": isSet = flow.chain.apply(.mish, features: count)
    case "Selu":
      let gamma = node.attribute("gamma")?.float ?? 1.050701
      guard abs((alpha ?? 1.6732632) - 1.6732632) < 1e-6, abs(gamma - 1.050701) < 1e-6 else {
        throw refuse(node, "is supported with the alpha and gamma of SELU")
      }
      isSet = flow.chain.apply(.selu, features: count)
    case "Softplus": isSet = flow.chain.apply(.softplus, features: count)
    case "Elu":
      guard alpha ?? 1 == 1 else { throw refuse(node, "is supported with alpha 1") }
      isSet = flow.chain.apply(.elu, features: count)
    case "LeakyRelu": isSet = flow.chain.rectify(slope: alpha ?? 0.01, maximum: nil, features: count)
    case "Gelu":
      guard node.text("approximate") ?? "none" == "none" else {
        throw refuse(node, "is supported without approximation")
      }
      isSet = flow.chain.apply(.gelu, features: count)
    case "HardSigmoid":
      let slopes: [Float: Activation] = [0.2: .hardSigmoidKeras2, 1 / 6: .hardSigmoid]
      guard node.attribute("beta")?.float ?? 0.5 == 0.5, let function = slopes[alpha ?? 0.2] else {
        throw refuse(node, "is supported with alpha 1/5 or 1/6, and beta 1/2")
      }
      isSet = flow.chain.apply(function, features: count)
    case "Clip":
      let minimum = node.attribute("min")?.float ?? constant(node, 1)?.floats.first
      let maximum = node.attribute("max")?.float ?? constant(node, 2)?.floats.first
      guard minimum == 0 else { throw refuse(node, "is supported from 0 on") }
      isSet = flow.chain.rectify(slope: 0, maximum: maximum, features: count)
    default: throw refuse(node, "is not supported")
    }
    guard isSet else {
      throw refuse(node, "is supported after a layer of up to \(BlockChain.maximumIdentity) features only")
    }
    set(node, .flow(flow))
  }

  /// `Softmax` or `LogSoftmax`, which belong to the loss.
  mutating func readSoftmax(_ node: ONNXProtoNode) throws(WeftError) {
    var flow = try take(node, 0)
    let axis = node.integer("axis") ?? -1
    guard axis == -1 || axis == flow.axes.count - 1, flow.endsInFeatures, !flow.isInput else {
      throw refuse(node, "must be over the last axis, after a layer")
    }
    guard flow.chain.endInDense(features: features(flow)) else { throw unjoined(node) }
    flow.hasSoftmax = true
    notes.append("Weft's outputs are the numbers before \(node.operatorName), which belongs to the loss")
    set(node, .flow(flow))
  }
}
