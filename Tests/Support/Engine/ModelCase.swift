import Testing
import WeftBase
import WeftData
import WeftLayers
import WeftModels

/// A model and a minibatch of random shape and content, generated from a seed that the test's name shows.
package struct ModelCase: Sendable, CustomTestStringConvertible {
  package let kind: CellType
  package let variant: Variant
  package let seed: UInt64

  package init(kind: CellType, variant: Variant, seed: UInt64) {
    self.kind = kind
    self.variant = variant
    self.seed = seed
  }

  /// Options of the model other than the cell.
  package enum Variant: String, CaseIterable, Sendable {
    case plain
    case absoluteError
    case layerNormalization
    case bidirectional
    case stacked
    case dropout
    case recurrentDropout
    case learnedState
    case givenState
    case oneHot
    case tiedWeights
    case lastStep
    case meanPooling
    case attentionPooling
    case gaussian
    case student
    case quantile
    case missingTargets
    case temporalClassification
    case everything
    /// Zoneout of both states, and DropConnect; with odd seeds without masks.
    case zoneout
    case huber
    case poisson
    case randomField
    case adaptiveSoftmax
  }

  package var testDescription: String { "\(kind.rawValue), \(variant.rawValue), seed \(seed)" }

  package static func all(_ variants: [Variant] = Variant.allCases, seeds: Range<UInt64>) -> [ModelCase] {
    CellType.allCases.flatMap { kind in
      variants.flatMap { variant in seeds.map { ModelCase(kind: kind, variant: variant, seed: $0) } }
    }
  }

  /// Sizes around those of vectors and panels, primes and 1.
  private static let sizes = [1, 2, 3, 5, 7, 11, 16, 17, 19, 33]

  /// - Parameters:
  ///   - lengths: Lengths of the rows, descending; nil for random ones.
  ///   - hidden: Units; nil for a random number.
  ///   - precision: Of matrix products.
  package func make(lengths: [Int]? = nil, hidden: Int? = nil, precision: Precision = .float32) -> ModelRun {
    let number = UInt64(CellType.allCases.firstIndex(of: kind) ?? 0)
    let place = UInt64(Variant.allCases.firstIndex(of: variant) ?? 0)
    var random = SplitMix(seed: seed << 16 + number << 8 + place)
    var configuration = ModelConfiguration()
    configuration.cell = kind
    configuration.precision = precision
    configuration.hidden = hidden ?? Self.sizes.randomElement(using: &random) ?? 1
    if kind.hasProjection { configuration.projection = Self.sizes.randomElement(using: &random) }
    let features = Int.random(in: 1...6, using: &random)
    let classes = Int.random(in: 2...21, using: &random)
    var shape = ModelShape(input: .features(features), outputs: Int.random(in: 1...5, using: &random))
    var loss = Loss(kind: .squaredError)
    var isClassifier = false
    func readTokens(embedding: Int?) {
      configuration.embedding = embedding
      shape = ModelShape(input: .tokens(classes), outputs: classes)
      loss = Loss(kind: .crossEntropy)
      isClassifier = true
    }
    let all = variant == .everything
    switch variant {
    case .plain, .recurrentDropout, .stacked, .bidirectional: break
    case .absoluteError: loss.kind = .absoluteError
    case .layerNormalization: readTokens(embedding: features)
    case .dropout, .givenState, .learnedState, .everything: readTokens(embedding: features + 3)
    case .randomField:
      readTokens(embedding: features)
      configuration.hasRandomField = true
    case .adaptiveSoftmax:
      readTokens(embedding: features)
      configuration.adaptiveCutoffs = classes < 4 ? [1] : [classes / 4, classes / 2]
    case .oneHot:
      readTokens(embedding: nil)
      loss.labelSmoothing = 0.15
    case .tiedWeights: readTokens(embedding: configuration.outputFeatures(inputs: 1))
    case .lastStep: loss.kind = .binaryCrossEntropy
    case .meanPooling, .missingTargets, .zoneout: break
    case .huber:
      loss.kind = .huber
      loss.huberThreshold = 0.4
    case .poisson: loss.kind = .poisson
    case .attentionPooling: readTokens(embedding: features)
    case .gaussian: loss.kind = .gaussian
    case .student: loss.kind = .student
    case .quantile:
      loss = Loss(kind: .quantile, quantiles: [0.2, 0.5, 0.7, 0.95])
    case .temporalClassification:
      loss.kind = .ctc
      shape.outputs += 2
      if seed % 3 != 0 { loss.blank = Int(seed) % shape.outputs }
    }
    shape.outputs *= loss.outputsPerTarget
    configuration.layerNormalization = all || variant == .layerNormalization
    if configuration.layerNormalization, (2...4).contains(configuration.hidden) {
      // The standard deviation of so few units is often too small for float32 and finite differences.
      configuration.hidden += 6
    }
    configuration.isBidirectional =
      all
      || [.bidirectional, .lastStep, .attentionPooling, .temporalClassification, .randomField].contains(
        variant)
    configuration.layers = all || [.stacked, .dropout, .givenState, .lastStep].contains(variant) ? 2 : 1
    configuration.dropout = all || [.dropout, .lastStep, .attentionPooling].contains(variant) ? 0.3 : 0
    configuration.recurrentDropout = all || [.recurrentDropout, .dropout].contains(variant) ? 0.4 : 0
    if all || variant == .zoneout {
      (configuration.zoneout, configuration.cellZoneout, configuration.dropConnect) = (0.25, 0.125, 0.5)
    }
    if kind.recurrentWeights == .blocks {
      configuration.heads = [3, 2].first { configuration.hidden % $0 == 0 } ?? 1
    }
    configuration.initialState = all || [.learnedState, .givenState].contains(variant) ? .learned : .zero
    configuration.tieWeights = variant == .tiedWeights
    configuration.output =
      switch variant {
      case .lastStep, .quantile: .lastStep
      case .meanPooling: .mean
      case .attentionPooling: .attention
      default: .everyStep
      }
    let lengths = lengths ?? random.lengths(rows: .random(in: 1...6, using: &random), upTo: 7)
    return assemble(
      configuration, shape, loss, isClassifier: isClassifier, lengths: lengths, using: &random)
  }

  private func assemble(
    _ configuration: ModelConfiguration, _ shape: ModelShape, _ loss: Loss, isClassifier: Bool,
    lengths: [Int], using random: inout SplitMix
  ) -> ModelRun {
    let model = SequenceModel(configuration, shape: shape)
    let parameters = model.layout.perturbed(model.initialParameters(seed: seed), using: &random)
    let steps = lengths.reduce(0, +)
    let outputs = model.hasOutputPerStep ? steps : lengths.count
    let inputs: Steps<FeatureArray> =
      switch shape.input {
      case .features(let width): .features(random.floats(steps * width, in: -2...2), width: width)
      case .tokens(let vocabulary):
        .tokens((0..<steps).map { _ in Int32.random(in: 0..<Int32(vocabulary), using: &random) })
      }
    var targets: Targets<FeatureArray>?
    if loss.wantsLabels {
      let blank = loss.blank ?? shape.outputs - 1
      let symbols = (0..<Int32(shape.outputs)).filter { $0 != blank }
      // Some rows have no labels, and some have more than can be aligned; the first one can be aligned.
      let labels = lengths.enumerated().map { row, length in
        let count = row == 0 ? (length + 1) / 2 : Int.random(in: 0...length, using: &random)
        return (0..<count).map { _ in symbols.randomElement(using: &random) ?? 0 }
      }
      targets = .sequences(
        TargetSequences(lengths: labels.map(\.count), steps: .tokens(labels.flatMap(\.self))))
    } else if isClassifier {
      // One target in five is ignored, but not the first.
      let classes = (0..<outputs).map { output in
        let isIgnored = Int.random(in: 0..<5, using: &random) == 0 && output > 0
        return isIgnored ? -1 : Int32.random(in: 0..<Int32(shape.outputs), using: &random)
      }
      targets = .classes(classes)
    } else if loss.kind == .binaryCrossEntropy {
      targets = .values(random.floats(outputs * shape.outputs, in: 0...1), width: shape.outputs)
    } else {
      let width = shape.outputs / loss.outputsPerTarget
      var values = random.floats(outputs * width)
      if variant == .missingTargets {
        for index in stride(from: 1, to: values.count, by: 3) { values[index] = .nan }
      }
      targets = .values(values, width: width)
    }
    var initial: RecurrentState?
    if variant == .givenState {
      let state = RecurrentState(batch: lengths.count, layers: model.stack.layers)
      for (_, tensor) in state.tensors { tensor.values = random.floats(tensor.values.count) }
      state.makePossible(for: model.stack.layers)
      initial = state
    }
    let usesDropout =
      configuration.dropout > 0 || configuration.recurrentDropout > 0
      || configuration.zoneout > 0 && seed % 2 == 0
    return ModelRun(
      configuration: configuration, model: model, parameters: parameters,
      batch: Minibatch(
        lengths: lengths, inputs: inputs, targets: targets),
      loss: loss, initial: initial,
      dropoutKey: usesDropout ? DropoutKey(seed: seed, step: 3) : nil)
  }
}
