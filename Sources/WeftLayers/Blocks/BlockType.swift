import KernelInterface
import WeftBase

/// A type of block: what configurations and models need to know of it. A new block is a file with its ``Block``, and a
/// value here.
package struct BlockType: Sendable {
  /// The key that selects the type.
  package let key: String
  /// The other keys that apply to it.
  let options: Set<String>
  /// Whether a configuration is of this type, unless an earlier type claims it.
  let isSet: @Sendable (BlockConfiguration) -> Bool
  /// What is wrong with a configuration of this type; nil for nothing.
  var problem: @Sendable (BlockConfiguration) -> String? = { _ in nil }
  /// The size of the block, for a number of input features.
  let size: @Sendable (BlockConfiguration, Int) -> BlockSize
  /// Whether the block needs sequences, rather than what is left after pooling.
  var needsSequences = false
  /// Whether each output feature is computed from the input feature at its place.
  var keepsDirections = false
  /// Whether outputs depend on later inputs.
  var readsLaterSteps: @Sendable (BlockConfiguration) -> Bool = { _ in false }
  /// Adds the block's parameters to the layout and creates the block, without residual, highway and dropout.
  let make: @Sendable (inout BlockBuilder) -> any Block

  package static let allCases = [
    recurrent, dense, convolution, pooling, normalization, pool, branches, activation, dropout,
  ]
}

/// Features and parameters of a block.
package struct BlockSize: Equatable, Sendable {
  /// Features per position of the output.
  package var outputs: Int
  /// Number of weights; biases are left out.
  package var weights: Int
}

extension BlockType {
  static let recurrent = BlockType(
    key: "cell",
    options: [
      "hidden", "projection", "bidirectional", "backward", "merge", "recurrent_dropout",
      "zoneout", "cell_zoneout", "drop_connect", "heads", "layer_normalization", "activation",
      "recurrent_activation", "residual", "highway", "dropout",
    ],
    isSet: { $0.cell != nil },
    problem: { block in
      if block.hidden == nil { return "'cell' needs 'hidden', the units of the layer" }
      if block.projection != nil, block.cell?.hasProjection != true {
        return "'projection' needs a cell that projects its hidden state"
      }
      if let problem = activationProblem(block) ?? regularizationProblem(block) { return problem }
      if block.isBidirectional, block.isBackward {
        return "'bidirectional' and 'backward' exclude each other"
      }
      return block.merge != .concatenate && !block.isBidirectional ? "'merge' needs 'bidirectional'" : nil
    },
    size: { block, inputs in
      let (hidden, cell) = (block.hidden ?? 1, block.cell ?? .lstm)
      let outputs = cell.outputSize(units: hidden, projection: block.projection)
      let directions = block.isBidirectional ? 2 : 1
      return BlockSize(
        outputs: block.merge == .concatenate ? directions * outputs : outputs,
        weights: (directions * cell.gateCount * hidden).saturatingProduct(
          inputs + cell.recurrentInputs(outputs: outputs, heads: block.heads ?? 1)))
    },
    needsSequences: true, readsLaterSteps: { $0.isBidirectional || $0.isBackward },
    make: { builder in
      let directions: [Direction] =
        builder.block.isBidirectional
        ? [.forward, .backward] : [builder.block.isBackward ? .backward : .forward]
      return RecurrentBlock(
        path: builder.path("layer"), inputSize: builder.inputSize, options: builder.layerOptions,
        directions: directions, level: builder.level, firstLayer: builder.firstLayer, layout: &builder.layout)
    })

  static let dense = BlockType(
    key: "dense", options: ["activation", "residual", "highway", "dropout"], isSet: { $0.dense != nil },
    size: { block, inputs in
      let units = block.dense ?? 1
      return BlockSize(outputs: units, weights: units.saturatingProduct(inputs))
    },
    make: { builder in
      DenseBlock(
        path: builder.path("dense"), inputSize: builder.inputSize, units: builder.size.outputs,
        activation: builder.block.activation ?? .linear, initialization: builder.defaults.inputInitialization,
        layout: &builder.layout)
    })

  static let convolution = BlockType(
    key: "convolution",
    options: ["width", "stride", "dilation", "padding", "activation", "residual", "highway", "dropout"],
    isSet: { $0.convolution != nil },
    problem: { block in
      if block.width == nil { return "'convolution' needs 'width', the steps that it reads for each output" }
      let changesLengths = block.stride > 1 || block.padding == .valid && block.width != 1
      return changesLengths && (block.isResidual || block.isHighway)
        ? "a 'stride' or 'padding: valid' changes the number of steps, so that inputs and outputs cannot be added"
        : nil
    },
    size: { block, inputs in
      let filters = block.convolution ?? 1
      return BlockSize(
        outputs: filters,
        weights: filters.saturatingProduct((block.width ?? 1).saturatingProduct(inputs)))
    },
    needsSequences: true, readsLaterSteps: { $0.padding != .causal },
    make: { builder in
      let block = builder.block
      return ConvolutionBlock(
        path: builder.path("convolution"), inputSize: builder.inputSize, filters: builder.size.outputs,
        window: StepWindow(
          width: block.width ?? 1, stride: block.stride, dilation: block.dilation, padding: block.padding),
        activation: block.activation ?? .linear, initialization: builder.defaults.inputInitialization,
        layout: &builder.layout)
    })

  static let pooling = BlockType(
    key: "pooling", options: ["width", "stride", "padding", "dropout"], isSet: { $0.pooling != nil },
    problem: { block in
      block.width == nil ? "'pooling' needs 'width', the steps that it reads for each output" : nil
    },
    size: { _, inputs in BlockSize(outputs: inputs, weights: 0) },
    needsSequences: true, readsLaterSteps: { $0.padding != .causal },
    make: { builder in
      let block = builder.block
      return WindowPoolBlock(
        block.pooling ?? .maximum, inputSize: builder.inputSize,
        window: StepWindow(
          width: block.width ?? 1, stride: block.stride, dilation: 1, padding: block.padding))
    })

  static let normalization = BlockType(
    key: "normalization", options: ["epsilon", "momentum", "dropout"], isSet: { $0.normalization != nil },
    problem: { block in
      block.normalization == .layer && block.momentum != BlockConfiguration().momentum
        ? "'momentum' needs 'normalization: batch'" : nil
    },
    size: { _, inputs in BlockSize(outputs: inputs, weights: 0) }, keepsDirections: true,
    make: { builder in
      let (path, epsilon) = (builder.path("normalization"), Float(builder.block.epsilon))
      if builder.block.normalization == .batch {
        return BatchNormalizationBlock(
          path: path, inputSize: builder.inputSize, epsilon: epsilon, momentum: Float(builder.block.momentum),
          layout: &builder.layout)
      }
      return NormalizationBlock(
        path: path, inputSize: builder.inputSize, epsilon: epsilon, layout: &builder.layout)
    })

  static let pool = BlockType(
    key: "pool", options: ["size", "activation", "dropout"], isSet: { $0.pool != nil },
    problem: { block in
      if block.pool != .attention {
        let option = block.size != nil ? "size" : block.activation != nil ? "activation" : nil
        return option.map { "'\($0)' needs 'pool: attention'" }
      }
      guard let activation = block.activation, activation.gradientReadsInputs else { return nil }
      return "'pool: attention' cannot have the activation '\(activation.rawValue)'"
    },
    size: { block, inputs in
      BlockSize(
        outputs: inputs,
        weights: block.pool == .attention ? (block.size ?? inputs).saturatingProduct(inputs) : 0)
    },
    needsSequences: true,
    make: { builder in
      guard let kind = builder.block.pool, kind == .attention else {
        return PoolBlock(
          builder.block.pool ?? .last, inputSize: builder.inputSize, directions: builder.directions)
      }
      let attention = AttentionPooling(
        path: builder.poolingPath(), inputSize: builder.inputSize,
        size: builder.block.size ?? builder.inputSize,
        activation: builder.block.activation ?? .tanh,
        initialization: builder.defaults.inputInitialization, layout: &builder.layout)
      return PoolBlock(
        kind, inputSize: builder.inputSize, directions: builder.directions, attention: attention)
    })

  static let branches = BlockType(
    key: "branches", options: ["merge", "residual", "highway", "dropout"], isSet: { !$0.branches.isEmpty },
    problem: { block in
      if block.branches.count == 1 { return "'branches' needs two lists of blocks or more" }
      return block.leavesOneStep && (block.isResidual || block.isHighway)
        ? "'pool' in 'branches' leaves one step, so that inputs and outputs cannot be added" : nil
    },
    size: { block, inputs in
      let sizes = block.branches.map { BlockConfiguration.size(of: $0, inputs: inputs) }
      let first = BlockSize(outputs: 0, weights: 0)
      let all = sizes.reduce(first) { sum, size in
        BlockSize(
          outputs: sum.outputs.saturatingSum(size.outputs), weights: sum.weights.saturatingSum(size.weights))
      }
      let outputs = block.merge == .concatenate ? all.outputs : sizes.first?.outputs ?? inputs
      return BlockSize(outputs: outputs, weights: all.weights)
    },
    readsLaterSteps: { $0.branches.contains { $0.contains(where: \.readsLaterSteps) } },
    make: { $0.makeBranches() })

  static let activation = BlockType(
    key: "activation", options: ["dropout"], isSet: { $0.activation != nil },
    size: { _, inputs in BlockSize(outputs: inputs, weights: 0) }, keepsDirections: true,
    make: { builder in
      ActivationBlock(outputSize: builder.inputSize, activation: builder.block.activation ?? .linear)
    })

  static let dropout = BlockType(
    key: "dropout", options: [], isSet: { $0.dropout != nil },
    size: { _, inputs in BlockSize(outputs: inputs, weights: 0) }, keepsDirections: true,
    make: { builder in
      DropoutBlock(
        outputSize: builder.inputSize, rate: Float(builder.block.dropout ?? 0), number: builder.number)
    })
}

extension BlockType {
  /// What is wrong with what is dropped in a recurrent block, and with its heads.
  private static func regularizationProblem(_ block: BlockConfiguration) -> String? {
    guard let cell = block.cell else { return nil }
    func needs(_ key: String, _ what: String) -> String { "'\(key)' needs \(what), unlike '\(cell.name)'" }
    if (block.recurrentDropout ?? 0) > 0, cell.recurrentWeights == .none {
      return needs("recurrent_dropout", "a cell with recurrent weights")
    }
    if (block.dropConnect ?? 0) > 0, !cell.hasRecurrentProducts {
      return needs("drop_connect", "a cell with matrices of recurrent weights")
    }
    if (block.cellZoneout ?? 0) > 0, !cell.hasCellZoneout {
      return needs("cell_zoneout", "a cell with one cell state")
    }
    if block.layerNormalization == true, !cell.hasLayerNormalization {
      return "'layer_normalization' cannot be combined with the cell '\(cell.name)'"
    }
    if let heads = block.heads, heads > 1 {
      if cell.recurrentWeights != .blocks { return needs("heads", "a cell with heads") }
      if let hidden = block.hidden, hidden % heads != 0 { return "'heads' must divide 'hidden'" }
    }
    return nil
  }

  /// What is wrong with the activations of a recurrent block.
  private static func activationProblem(_ block: BlockConfiguration) -> String? {
    let given = [block.activation, block.recurrentActivation].compactMap(\.self)
    if given.isEmpty { return nil }
    let cells = CellType.allCases.filter(\.hasActivations).map { "'\($0.name)'" }.joined(separator: ", ")
    if block.cell?.hasActivations != true { return "'activation' needs one of the cells \(cells)" }
    if block.recurrentActivation != nil, block.cell?.isGated != true {
      return "'recurrent_activation' needs a gated cell"
    }
    if let other = given.first(where: \.gradientReadsInputs) {
      return "a cell cannot have the activation '\(other.rawValue)'"
    }
    return block.layerNormalization == true ? "'activation' excludes 'layer_normalization'" : nil
  }
}

extension Int {
  /// The product of two numbers of at least 0, at most `Int32.max` squared.
  fileprivate func saturatingProduct(_ other: Int) -> Int {
    let (product, overflow) = multipliedReportingOverflow(by: other)
    let maximum = Int(Int32.max) * Int(Int32.max)
    return overflow ? maximum : Swift.min(product, maximum)
  }

  /// The sum of two numbers of at least 0, at most `Int.max`.
  fileprivate func saturatingSum(_ other: Int) -> Int {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? .max : sum
  }
}
