import KernelInterface
import WeftLayers

/// A block of a network with its weights.
package enum NetworkBlock: Sendable, Equatable {
  case recurrent(RecurrentLevel)
  case dense(DenseWeights, Activation)
  case convolution(ConvolutionWeights)
  /// Layer normalization; gain and bias `[features]`.
  case normalization(gain: [Float], bias: [Float], epsilon: Float)
  case pooling(PoolingWindow)
  /// Pooling without weights.
  case pool(PoolKind)
  case attention(AttentionWeights)
  /// f(x).
  case activation(Activation)
  /// x + f(x).
  indirect case residual(NetworkBlock)
  /// x + t ∘ (f(x) − x), with the gate t = σ(W x + b).
  indirect case highway(NetworkBlock, gate: DenseWeights)
  /// Blocks on the same input, side by side.
  indirect case branches([[NetworkBlock]], merge: DirectionMerge)
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

/// Pooling by attention, with the scores v · f(W h + b).
package struct AttentionWeights: Sendable, Equatable {
  /// W `[features, size]` and b `[size]`.
  package var projection: DenseWeights
  /// v `[size, 1]`.
  package var score: WeightMatrix
  /// f.
  package var activation = Activation.tanh
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
      result.activation = first.activation == first.cell.activation ? nil : first.activation
      result.recurrentActivation = first.recurrentActivation == .sigmoid ? nil : first.recurrentActivation
      result.zoneout = first.zoneout > 0 ? decimal(first.zoneout) : nil
      result.cellZoneout = first.cellZoneout > 0 ? decimal(first.cellZoneout) : nil
      result.heads = first.heads > 1 ? first.heads : nil
      result.layerNormalization = first.isNormalized ? true : nil
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
      result.epsilon = decimal(epsilon)
    case .pooling(let pooling):
      result.pooling = pooling.kind
      result.width = pooling.width
      result.stride = pooling.stride
      result.padding = pooling.padding
    case .pool(let kind): result.pool = kind
    case .attention(let attention):
      result.pool = .attention
      result.size = attention.projection.weights.columns
      result.activation = attention.activation == .tanh ? nil : attention.activation
    case .activation(let function): result.activation = function
    case .residual(let inner):
      result = inner.configuration
      result.isResidual = true
    case .highway(let inner, _):
      result = inner.configuration
      result.isHighway = true
    case .branches(let branches, let merge):
      result.branches = branches.map { $0.map(\.configuration) }
      result.merge = merge
    }
    return result
  }

  /// The shortest decimal number, rather than all digits of the binary one.
  private func decimal(_ number: Float) -> Double { Double("\(number)") ?? Double(number) }

  /// The recurrent layers of the block, from the input up.
  var recurrentLevels: [RecurrentLevel] {
    switch self {
    case .recurrent(let level): [level]
    case .residual(let inner), .highway(let inner, _): inner.recurrentLevels
    case .branches(let branches, _): branches.joined().flatMap(\.recurrentLevels)
    default: []
    }
  }

  /// Parameter values by their names within the parts of the block, and the stems of the parts' names in checkpoints.
  var parts: [(stem: String, values: [String: [Float]])] {
    switch self {
    case .recurrent(let level): [("layer", level.parameters)]
    case .dense(let dense, _): [("dense", dense.parameters)]
    case .convolution(let convolution): [("convolution", convolution.dense.parameters)]
    case .normalization(let gain, let bias, _): [("normalization", ["gain": gain, "bias": bias])]
    case .pooling, .pool, .activation: []
    case .attention(let attention):
      [
        (
          Self.poolingStem,
          attention.projection.parameters.merging(["score": attention.score.values]) { $1 }
        )
      ]
    case .residual(let inner): inner.parts
    case .highway(let inner, let gate): inner.parts + [("highway", gate.parameters)]
    case .branches(let branches, _): branches.joined().flatMap(\.parts)
    }
  }

  /// The stem of pooling by attention.
  static let poolingStem = "pooling"
}

extension RecurrentLevel {
  /// Parameter values by their names within the block.
  fileprivate var parameters: [String: [Float]] {
    var result: [String: [Float]] = [:]
    for (layer, direction) in zip(layers, isBackward ? ["backward"] : ["forward", "backward"]) {
      for (name, _, values) in layer.parameters { result["\(direction)/\(name)"] = values }
      result["\(direction)/initial_hidden"] = layer.initialHidden
      result["\(direction)/initial_cell"] = layer.initialCell
    }
    return result
  }
}

extension DenseWeights {
  /// Parameter values by their names within the block.
  fileprivate var parameters: [String: [Float]] { ["weights": weights.values, "bias": bias] }
}
