import KernelInterface
import Testing
import WeftBase
import WeftConfiguration
import WeftData
import WeftLayers
import WeftModels

/// A model of blocks with a minibatch of random content, generated from a seed.
package struct BlockCase: Sendable, CustomTestStringConvertible {
  /// The blocks, as in a configuration.
  package let text: String
  package let seed: UInt64

  package init(_ text: String, seed: UInt64) {
    self.text = text
    self.seed = seed
  }

  package var testDescription: String { "\(text), seed \(seed)" }

  package static func all(seeds: Range<UInt64>) -> [BlockCase] {
    texts.flatMap { text in seeds.map { BlockCase(text, seed: $0) } }
  }

  /// Every type of block with all its options, and what stands on what.
  private static let stacks: [String] = [
    "[{cell: lstm, hidden: 5}, {cell: gru, hidden: 17}, {cell: rnn-relu, hidden: 3}]",
    "[{cell: lstm, hidden: 7, bidirectional: true}, {cell: lstm-projection, hidden: 6, projection: 4}]",
    "[{cell: lstm, hidden: 7, backward: true}, {pool: last}]",
    "[{dense: 6}, {cell: min-lstm, hidden: 6, backward: true, residual: true}, {cell: indrnn, hidden: 6, bidirectional: true}]",
    "[{cell: slstm, hidden: 12, heads: 3}, {cell: lru, hidden: 5}, {dense: 4}]",
    "[{cell: slstm, hidden: 34, heads: 2, bidirectional: true, merge: sum}, {pool: last}]",
    "[{cell: lru, hidden: 17, bidirectional: true}, {dense: 68, activation: gelu, residual: true}, {pool: last}]",
    "[{cell: lstm, hidden: 5, zoneout: 0.3, cell_zoneout: 0.2}, {cell: gru, hidden: 17, zoneout: 0.1},"
      + " {cell: lru, hidden: 3, backward: true, zoneout: 0.25}, {cell: slstm, hidden: 3, zoneout: 0.5}]",
    "[{cell: gru-reset-after, hidden: 16, bidirectional: true}, {pool: last-position}]",
    "[{dense: 6}, {cell: lstm, hidden: 6, residual: true}, {cell: gru, hidden: 6, highway: true}]",
    "[{cell: gru, hidden: 5, layer_normalization: true}, {normalization: layer}, {dense: 9, activation: tanh}]",
    "[{cell: lstm, hidden: 4, dropout: 0.3}, {dropout: 0.2}, {dense: 4, dropout: 0.4, residual: true}]",
    "[{cell: lstm, hidden: 5}, {pool: attention, size: 3, dropout: 0.3}, {dense: 17, activation: relu}]",
    "[{cell: lstm, hidden: 5}, {pool: attention, size: 1, activation: linear}]",
    "[{cell: gru, hidden: 5, bidirectional: true}, {pool: attention, size: 17, activation: relu}, {dense: 2}]",
    "[{cell: rnn-tanh, hidden: 5}, {pool: maximum}, {normalization: layer}, {dense: 5, highway: true}]",
    "[{cell: lstm, hidden: 5}, {pool: mean}, {dense: 3, activation: gelu}, {dense: 2, activation: elu}]",
    "[{activation: tanh}, {cell: lstm, hidden: 5, bidirectional: true}, {activation: relu, dropout: 0.2}, {pool: last},"
      + " {dense: 17}, {activation: silu}]",
    "[{convolution: 5, width: 3}, {cell: lstm, hidden: 4}]",
    "[{convolution: 4, width: 2, padding: causal, activation: relu}, {convolution: 4, width: 3, dilation: 2,"
      + " padding: causal, residual: true}, {cell: gru, hidden: 3}]",
    "[{convolution: 6, width: 3, stride: 2, padding: causal}, {cell: lstm, hidden: 4, bidirectional: true},"
      + " {pool: last}]",
    "[{convolution: 3, width: 4, stride: 3, padding: valid, activation: softplus}, {cell: lstm, hidden: 4},"
      + " {convolution: 17, width: 2, stride: 2}, {pool: mean}]",
    "[{cell: lstm, hidden: 5}, {pooling: maximum, width: 3, padding: causal}, {normalization: layer, epsilon: 0.1}]",
    "[{dense: 5}, {pooling: maximum, width: 2, stride: 2, padding: valid}, {cell: lstm, hidden: 4}, {pool: last}]",
    "[{dense: 17}, {pooling: mean, width: 3, stride: 2, dropout: 0.2}, {cell: gru, hidden: 4}, {pool: maximum}]",
    "[{convolution: 4, width: 2}, {pooling: mean, width: 4, stride: 3, padding: valid}, {pooling: maximum, width: 4,"
      + " stride: 1}, {cell: gru, hidden: 4, bidirectional: true}, {pooling: maximum, width: 2},"
      + " {pool: mean}]",
    "[{cell: lstm, hidden: 5}, {branches: [[{pool: mean}], [{pool: maximum}], [{pool: last}]]}, {dense: 3}]",
    "[{branches: [[{cell: gru, hidden: 4, bidirectional: true}], [{convolution: 17, width: 3}], []], dropout: 0.2},"
      + " {cell: lstm, hidden: 3}]",
    "[{cell: gru, hidden: 5, bidirectional: true}, {branches: [[{pool: last}], [{pool: attention, size: 3}],"
      + " [{dropout: 0.3}, {pool: attention, size: 2}, {dense: 10, activation: tanh}]], merge: sum}, {dense: 2}]",
    "[{dense: 6}, {branches: [[], [{cell: lstm, hidden: 5}, {cell: lstm, hidden: 6, dropout: 0.3}]], merge: sum},"
      + " {branches: [[], [{dense: 6, activation: sigmoid}], [{cell: rnn-tanh, hidden: 6}]], merge: product}]",
    "[{branches: [[{convolution: 3, width: 3, stride: 2}, {cell: gru, hidden: 3}, {pool: last}], [{cell: lstm,"
      + " hidden: 17, bidirectional: true, merge: mean}, {dropout: 0.2}, {pool: last}, {branches: [[{dense: 3}], []]},"
      + " {dense: 3}]], merge: mean}, {normalization: layer}]",
    "[{branches: [[{dense: 3}], [{cell: gru, hidden: 3}]]}, {cell: gru, hidden: 6},"
      + " {branches: [[{dense: 4}], [{dense: 2}]], residual: true}, {branches: [[{dense: 2}], [{dense: 4}]],"
      + " highway: true}]",
  ]

  private static let texts: [String] = {
    let pooled = DirectionMerge.allCases.map { (merge: DirectionMerge) -> String in
      "[{cell: lstm, hidden: 5, bidirectional: true, merge: \(merge.rawValue), dropout: 0.2}, {pool: last}]"
    }
    let merged = DirectionMerge.allCases.map { (merge: DirectionMerge) -> String in
      "[{cell: gru, hidden: 5, bidirectional: true, merge: \(merge.rawValue)}, {cell: lstm, hidden: 2}]"
    }
    let activated = Activation.allCases.map { (activation: Activation) -> String in
      "[{dense: 6, activation: \(activation.rawValue)}, {cell: lstm, hidden: 4}]"
    }
    // States that are exponentials of states grow without bounds.
    let cells = Activation.allCases.filter { !$0.gradientReadsInputs && $0 != .exponential }.flatMap {
      (activation: Activation) -> [String] in
      let name = activation.rawValue
      // Gates without bounds let states grow without bounds.
      let gates =
        [.sigmoid, .tanh, .hardSigmoid, .hardSigmoidKeras2].contains(activation) ? name : "hard-sigmoid"
      return [
        "[{cell: lstm, hidden: 5, activation: \(name), recurrent_activation: hard-sigmoid}]",
        "[{cell: gru, hidden: 17, activation: \(name)}, {cell: rnn-tanh, hidden: 3, activation: \(name)}]",
        "[{cell: gru-reset-after, hidden: 5, activation: relu, recurrent_activation: \(gates)}]",
        "[{cell: indrnn, hidden: 17, activation: \(name)}, {cell: min-gru, hidden: 3}]",
      ]
    }
    return stacks + pooled + merged + activated + cells
  }()

  /// Kind of the inputs.
  package enum Inputs: Sendable {
    case features
    /// Tokens with an embedding.
    case tokens
    /// Features, of which the second and the last are numbers of categories.
    case categories
  }

  /// - Parameter lengths: Lengths of the rows, descending; nil for random ones.
  package func make(
    lengths: [Int]? = nil, reads kind: Inputs = .features, precision: Precision = .float32
  ) throws -> ModelRun {
    var random = SplitMix(seed: seed << 16 + 5)
    var configuration = ModelConfiguration()
    configuration.blocks = try [BlockConfiguration](configurationText: text)
    configuration.precision = precision
    let features = Int.random(in: 2...7, using: &random)
    let lengths = lengths ?? random.lengths(rows: .random(in: 1...6, using: &random), upTo: 9)
    let outputs = Int.random(in: 1...4, using: &random)
    var shape = ModelShape(input: .features(features), outputs: outputs)
    switch kind {
    case .features: break
    case .tokens:
      shape.input = .tokens(9)
      configuration.embedding = features
    case .categories:
      shape.categories = [
        CategoricalFeature(column: 1, name: "week/day", count: 7),
        CategoricalFeature(column: features, name: "site", count: 3),
      ]
      shape.input = .features(features + 1)
      configuration.embeddings = [17, 2]
    }
    let model = try SequenceModel(configuration, fitting: shape, file: "test.h5")
    let parameters = model.layout.perturbed(model.initialParameters(seed: seed), using: &random)
    let steps = lengths.reduce(0, +)
    let count = lengths.reduce(0) { $0 + model.stack.outputLength($1) }
    var inputs: Steps<FeatureArray> =
      kind == .tokens
      ? .tokens((0..<steps).map { _ in Int32.random(in: 0..<9, using: &random) })
      : .features(random.floats(steps * shape.inputSize, in: -2...2), width: shape.inputSize)
    if var values = inputs.features?.values {
      for feature in shape.categories {
        for place in stride(from: feature.column, to: values.count, by: shape.inputSize) {
          values[place] = Float(Int.random(in: 0..<feature.count, using: &random))
        }
      }
      inputs = .features(values, width: shape.inputSize)
    }
    return ModelRun(
      configuration: configuration, model: model, parameters: parameters,
      batch: Minibatch(
        lengths: lengths, inputs: inputs,
        targets: .values(random.floats(count * outputs), width: outputs)),
      loss: Loss(kind: .squaredError), initial: nil,
      dropoutKey: text.contains("dropout") ? DropoutKey(seed: seed, step: 3) : nil)
  }
}

extension ModelRun {
  /// The outputs of a model of blocks from their equations, row by row.
  package func blockOutputs(_ parameters: [String: [Double]]) -> [[Double]] {
    let width = configuration.embedding ?? model.shape.inputSize
    return (0..<batch.rows).flatMap { row in
      let inputs = (batch.offsets[row]..<batch.offsets[row + 1]).map { place in
        switch batch.inputs {
        case .features(let features): embedded(features[place].map(Double.init), parameters)
        case .tokens(let tokens):
          Array(
            parameters["embedding/weights"]![Int(tokens[place]) * width..<(Int(tokens[place]) + 1) * width])
        }
      }
      let blocks = ReferenceBlocks(
        blocks: configuration.blocks, parameters: parameters, dropoutKey: dropoutKey, row: row,
        batch: batch.rows)
      return blocks.run(inputs).map {
        product($0, parameters["output/weights"]!, columns: model.shape.outputs) + parameters["output/bias"]!
      }
    }
  }

  /// Numeric features, and after them the embeddings of categorical ones.
  private func embedded(_ features: [Double], _ parameters: [String: [Double]]) -> [Double] {
    let categories = model.shape.categories
    let numeric = features.indices.filter { index in !categories.contains { $0.column == index } }
    return zip(categories, configuration.embeddings).reduce(into: numeric.map { features[$0] }) {
      result, feature in
      let rows = parameters["embedding/\(feature.0.name.replacing("/", with: "_"))/weights"]!
      let first = Int(features[feature.0.column]) * feature.1
      result += rows[first..<first + feature.1]
    }
  }

  /// The mean squared error of a model of blocks from their equations.
  package func blockLoss(_ parameters: [String: [Double]]) -> Double {
    guard case .values(let targets) = batch.targets else { preconditionFailure("regression") }
    let outputs = blockOutputs(parameters).flatMap(\.self)
    return zip(outputs, targets.values).reduce(0) { $0 + ($1.0 - Double($1.1)) * ($1.0 - Double($1.1)) }
      / Double(outputs.count)
  }
}
