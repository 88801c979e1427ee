import HDF5
import Testing
import WeftBase
import WeftData
import WeftLayers
import WeftMetrics
import WeftModels
import WeftParallel
import WeftTasks
import WeftTensor

/// An encoder-decoder with parameters and a minibatch.
package struct EncoderDecoderRun: Sendable {
  package var configuration: Configuration
  package let model: EncoderDecoderModel
  package var parameters: [Float]
  package let batch: Minibatch
  package var dropoutKey: DropoutKey?

  package init(
    configuration: Configuration, model: EncoderDecoderModel, parameters: [Float], batch: Minibatch,
    dropoutKey: DropoutKey? = nil
  ) {
    self.configuration = configuration
    self.model = model
    self.parameters = parameters
    self.batch = batch
    self.dropoutKey = dropoutKey
  }
  package var loss: Loss { Loss(configuration.loss) }

  package struct Result {
    package var found: PassResult
    /// Flat, as the parameters.
    package var gradient: [Float]
    package var norm: Double
  }

  package func executor(threads: Int = 1, lanes: Int = 3, engine: Engine = .baseline) -> Executor {
    Executor(
      model, parameters: Tensor(rows: 1, columns: model.layout.count, values: parameters),
      engine: engine, threads: threads, lanes: lanes)
  }

  package func backpropagate(threads: Int = 1, lanes: Int = 3, engine: Engine = .baseline) -> Result {
    let executor = executor(threads: threads, lanes: lanes, engine: engine)
    let found = model.backpropagate(
      batch, loss: loss, initial: nil, final: nil, dropoutKey: dropoutKey, recordsGradientNorms: true,
      on: executor)
    let norm = GradientReduction().reduce(on: executor)
    return Result(
      found: found, gradient: Array(executor.gradients[0].values[..<model.layout.count]), norm: norm)
  }

  /// The mean loss, with the masks of the training step.
  package func trainingLoss() -> Double {
    model.backpropagate(
      batch, loss: loss, initial: nil, final: nil, dropoutKey: dropoutKey, recordsGradientNorms: false,
      on: executor()
    ).meanLoss
  }

  package func gradient(of parameter: Parameter, in result: Result) -> [Float] {
    Array(result.gradient[parameter.offset..<parameter.offset + parameter.count])
  }
}

/// A model of random shape and content, generated from a seed.
package struct EncoderDecoderCase: Sendable, CustomTestStringConvertible {
  package let kind: CellType
  package let attention: AttentionKind
  package let variant: Variant
  package var seed: UInt64 = 1

  package init(kind: CellType, attention: AttentionKind, variant: Variant, seed: UInt64 = 1) {
    self.kind = kind
    self.attention = attention
    self.variant = variant
    self.seed = seed
  }

  /// Options of the model other than cell and attention.
  package enum Variant: String, CaseIterable, Sendable {
    case plain
    /// No input feeding.
    case unfed
    case dropout
    case layerNormalization
    /// Tied weights.
    case tied
    /// Features instead of tokens, and no recurrent encoder.
    case patches
    case stacked
    /// Copied states of both directions.
    case copied
  }

  package var testDescription: String { "\(kind.rawValue), \(attention.rawValue), \(variant.rawValue)" }

  package static let all = CellType.allCases.flatMap { kind in
    AttentionKind.allCases.flatMap { attention in
      Variant.allCases.filter {
        $0 != .patches && $0 != .copied || $0 == .patches && attention != .none
          || $0 == .copied && kind.hiddenVectors == 1 && kind.cellVectors <= 1 && !kind.hasProjection
      }.map {
        EncoderDecoderCase(kind: kind, attention: attention, variant: $0)
      }
    }
  }

  package func make(rows: Int = 7) -> EncoderDecoderRun {
    var random = SplitMix(seed: seed + 31)
    var configuration = Configuration()
    configuration.model.kind = .encoderDecoder
    configuration.model.cell = kind
    // The standard deviation of few units is often too small for float32 and finite differences.
    configuration.model.hidden = variant == .layerNormalization ? 12 : 5
    configuration.model.isBidirectional = true
    configuration.model.embedding = 4
    configuration.decoder.hidden =
      attention != .dot
      ? configuration.model.hidden + 2 : variant == .patches ? 3 : 2 * configuration.model.hidden
    configuration.decoder.attention = attention
    configuration.decoder.feedsInput = variant != .unfed
    switch variant {
    case .plain, .unfed: break
    case .dropout:
      configuration.model.dropout = 0.3
      configuration.model.recurrentDropout = 0.2
      (configuration.model.zoneout, configuration.model.cellZoneout) = (0.1, 0.2)
      configuration.model.dropConnect = 0.3
    case .layerNormalization: configuration.model.layerNormalization = true
    case .tied:
      configuration.decoder.embedding = configuration.decoder.hidden.map { $0 * kind.hiddenVectors }
      configuration.decoder.tieWeights = true
    case .patches: configuration.model.layers = 0
    case .copied:
      configuration.decoder.hidden = 2 * configuration.model.hidden
      configuration.decoder.bridge = .copy
    case .stacked:
      configuration.model.layers = 2
      configuration.decoder.layers = 3
    }
    let (words, features) = (6, 3 * kind.hiddenVectors)
    let shape = ModelShape(
      input: variant == .patches ? .features(features) : .tokens(5), outputs: words)
    let model = EncoderDecoderModel(
      configuration.model, decoder: configuration.decoder, writesTokens: true, shape: shape)
    let lengths = random.lengths(rows: rows, upTo: 6)
    let steps = lengths.reduce(0, +)
    let inputs: Steps<FeatureArray> =
      variant == .patches
      ? .features(random.floats(steps * features), width: features)
      : .tokens((0..<steps).map { _ in .random(in: 0..<5, using: &random) })
    let targetLengths = lengths.map { _ in Int.random(in: 0...5, using: &random) }
    let targets = (0..<targetLengths.reduce(0, +)).map { _ in
      Int32.random(in: 0..<Int32(words), using: &random)
    }
    let parameters = model.layout.perturbed(model.initialParameters(seed: seed), using: &random)
    return EncoderDecoderRun(
      configuration: configuration, model: model, parameters: parameters,
      batch: Minibatch(
        lengths: lengths, inputs: inputs,
        targets: .sequences(TargetSequences(lengths: targetLengths, steps: .tokens(targets)))),
      dropoutKey: variant == .dropout ? DropoutKey(seed: seed, step: 3) : nil)
  }
}
