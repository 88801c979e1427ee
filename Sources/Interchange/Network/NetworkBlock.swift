import KernelInterface
import WeftLayers

/// A block of a network with its weights.
package enum NetworkBlock: Sendable, Equatable {
  case recurrent(RecurrentLevel)
  case dense(DenseWeights, Activation)
  case convolution(ConvolutionWeights)
  /// Layer normalization of each step's features.
  case normalization(gain: [Float], bias: [Float], epsilon: Float)
  case pooling(PoolingWindow)
  case pool(PoolKind)
}

/// A recurrent layer in one direction, or in both.
package struct RecurrentLevel: Sendable, Equatable {
  /// The forward before the backward layer.
  package var layers: [RecurrentWeights]
  package var merge = DirectionMerge.concatenate
  /// Whether the only layer reads backward.
  package var isBackward = false

  package init(_ layers: [RecurrentWeights]) { self.layers = layers }
}

/// A convolution over time.
package struct ConvolutionWeights: Sendable, Equatable {
  /// `[width × inputs, filters]`, steps before features, and the bias.
  package var dense: DenseWeights
  package var width: Int
  package var stride: Int
  package var dilation: Int
  package var padding: ConvolutionPadding
  package var activation: Activation
}

/// Pooling over windows of steps.
package struct PoolingWindow: Sendable, Equatable {
  package var kind: WindowPooling
  package var width: Int
  package var stride: Int
  package var padding: ConvolutionPadding
}

extension NetworkBlock {
  /// The block without weights.
  package var configuration: BlockConfiguration {
    var result = BlockConfiguration()
    switch self {
    case .recurrent(let level):
      guard let first = level.layers.first else { break }
      result.cell = first.cell
      result.hidden = first.units
      result.projection = first.cell.hasProjection ? first.hidden : nil
      result.isBidirectional = level.layers.count > 1
      result.isBackward = level.isBackward
      result.merge = level.merge
      result.activation = first.activation == .tanh ? nil : first.activation
      result.recurrentActivation = first.recurrentActivation == .sigmoid ? nil : first.recurrentActivation
    case .dense(let dense, let activation):
      result.dense = dense.weights.columns
      result.activation = activation == .linear ? nil : activation
    case .convolution(let convolution):
      result.convolution = convolution.dense.weights.columns
      result.width = convolution.width
      result.stride = convolution.stride
      result.dilation = convolution.dilation
      result.padding = convolution.padding
      result.activation = convolution.activation == .linear ? nil : convolution.activation
    case .normalization(_, _, let epsilon):
      result.normalization = .layer
      // The shortest decimal number, rather than all digits of the binary one.
      result.epsilon = Double("\(epsilon)") ?? Double(epsilon)
    case .pooling(let pooling):
      result.pooling = pooling.kind
      result.width = pooling.width
      result.stride = pooling.stride
      result.padding = pooling.padding
    case .pool(let kind): result.pool = kind
    }
    return result
  }

  /// The name in checkpoints, without its number; nil without parameters.
  var stem: String? {
    switch self {
    case .recurrent: "layer"
    case .dense: "dense"
    case .convolution: "convolution"
    case .normalization: "normalization"
    case .pooling, .pool: nil
    }
  }

  /// Parameter values by their names within the block.
  var parameters: [String: [Float]] {
    var result: [String: [Float]] = [:]
    switch self {
    case .recurrent(let level):
      let directions = level.isBackward ? ["backward"] : ["forward", "backward"]
      for (layer, direction) in zip(level.layers, directions) {
        result["\(direction)/input_weights"] = layer.input.values
        result["\(direction)/recurrent_weights"] = layer.recurrent.values
        result["\(direction)/bias"] = layer.bias
        if !layer.recurrentBias.isEmpty { result["\(direction)/recurrent_bias"] = layer.recurrentBias }
        for (name, values) in layer.others { result["\(direction)/\(name)"] = values.values }
        result["\(direction)/initial_hidden"] = layer.initialHidden
        result["\(direction)/initial_cell"] = layer.initialCell
      }
    case .dense(let dense, _):
      result["weights"] = dense.weights.values
      result["bias"] = dense.bias
    case .convolution(let convolution):
      result["weights"] = convolution.dense.weights.values
      result["bias"] = convolution.dense.bias
    case .normalization(let gain, let bias, _):
      result["gain"] = gain
      result["bias"] = bias
    case .pooling, .pool: break
    }
    return result
  }
}
