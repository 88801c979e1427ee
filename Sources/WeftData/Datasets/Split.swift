import HDF5
import WeftBase

/// The validated datasets of one split.
package struct Split {
  /// Layout of the sequences.
  package enum Layout {
    case stream(steps: Int)
    case sequences(SequencePlaces)
  }

  package var inputs: InputReader
  /// Nil if targets follow from the inputs: for streams and autoencoders.
  package var targets: SequenceReader?
  /// Weights of the targets; nil for 1.
  package internal(set) var weights: SequenceReader?
  /// How often each sequence is drawn; nil unless they are drawn by a dataset.
  var samplingWeights: SequenceReader?
  /// Covariates; nil without any.
  package var covariates: InputReader?
  /// Covariates of the steps after the series; nil without any.
  package var future: FutureSteps?
  /// Later steps whose covariates each step has.
  package private(set) var stepsAhead = 1
  /// How values are related to a level of each window; nil for no level.
  package var windowScale: WindowScale?
  package var layout: Layout
  /// Whether targets have the layout of the inputs, rather than one per sequence.
  package let hasTargetPerStep: Bool
  /// Positions of target sequences of independent length; nil for other targets.
  var targetPlaces: SequencePlaces?
  /// Whether targets are sequences of independent length.
  package var hasTargetSequences: Bool { targetPlaces != nil }
  /// The name of each sequence, by its number; nil if the file names none.
  package var names: [String]?
  /// Whether missing steps at the end of sequences are padding.
  private(set) var hasPadding = false

  /// - Parameters:
  ///   - vocabulary: Size of the input vocabulary; nil if the file has none.
  ///   - targetVocabulary: Size of the target vocabulary; nil if the file has none.
  ///   - classes: Number of target classes; nil if the file does not name them.
  ///   - classNames: Names of the classes; empty if they are numbers.
  ///   - isTraining: Whether it is the training split, which alone needs weights.
  init(
    group: Group, file: String, _ data: DataConfiguration, _ requirements: DataRequirements,
    vocabulary: Int?, targetVocabulary: Int?, classes: Int?, classNames: [String] = [], isTraining: Bool
  ) throws {
    let forecasts = data.horizon != nil
    hasTargetPerStep = forecasts || requirements.hasOutputPerStep
    let finder = DatasetFinder(
      group: group, file: file, data: data, requirements: requirements, vocabulary: vocabulary,
      targetVocabulary: targetVocabulary, classes: classes, classNames: classNames)
    let names = try finder.inputNames()
    let format = try finder.format(first: names[0])
    let readers = try names.map {
      try finder.inputReader($0, format: format, isAlone: names.count + data.staticInputs.count == 1)
    }
    inputs = InputReader(parts: readers)
    let first = readers[0].dataset
    let steps = try finder.extent(first)
    for reader in readers { try finder.checkSteps(reader.dataset, as: first, format) }
    if forecasts, case .tokens = readers[0].content {
      throw finder.failure(first, "contains tokens; only numeric series can be forecast (data.horizon)")
    }
    if let category = inputs.categories.first, try finder.targetName() == nil,
      requirements.targets != .reversedInputs, requirements.needsTargets || forecasts,
      !forecasts || category.index == 0
    {
      throw finder.failure(
        first, "its categories cannot be forecast; name what is to be predicted with data.targets")
    }
    let targetName = try finder.targetName() ?? (forecasts ? names[0] : nil)
    if !forecasts, let targetName, names.contains(targetName) {
      throw finder.failure(
        first,
        "is input and target at once (data.targets), which a model would only copy; to predict what comes next,"
          + " set data.horizon for numbers or remove data.targets for tokens")
    }
    switch format {
    case .stream:
      layout = .stream(steps: steps)
      if targetName == nil, steps < 2 {
        throw finder.failure(first, "needs at least two steps")
      }
    case .dense:
      let found = try finder.lengths(readers, sequences: steps)
      layout = .sequences(.dense(lengths: found.lengths))
      hasPadding = found.arePadded
    case .ragged:
      let offsets = try finder.offsets(steps: steps)
      layout = .sequences(.ragged(offsets: offsets))
      inputs = inputs.startingSequences(at: offsets)
    case .auto: preconditionFailure("the format has been detected")
    }
    try addStaticInputs(data, finder)
    if case .sequences(let places) = layout {
      self.names = try finder.names(count: places.count)
      if isTraining, let name = data.sampling, name != DataConfiguration.balancedSampling {
        samplingWeights = try finder.weights(
          name, key: "data.sampling", format: nil, shape: [places.count], of: "sequence")
      }
    }
    try finder.checkCategories(inputs.parts)
    if case .stream = layout, requirements.wantsTargetSequences {
      throw finder.failure(
        first, "a stream has no target sequences; cut it into sequences with offsets")
    }
    if targetName == nil || requirements.targets == .reversedInputs, inputs.marksMissing {
      throw WeftError.data(
        "\(file): group \(group.path): the targets are the inputs, in which missing values cannot be marked; set"
          + " data.missing_inputs to another way than 'mask', or data.targets")
    }
    guard let name = targetName else {
      if requirements.targets == .reversedInputs || !requirements.needsTargets { return }
      guard case .sequences = layout else { return }
      throw WeftError.data(
        "\(file): group \(group.path): no targets; name their dataset with data.targets\(finder.streamAdvice)"
      )
    }
    if case .sequences(let places) = layout, requirements.wantsTargetSequences {
      (targets, targetPlaces) = try finder.targetSequences(name, count: places.count)
      return
    }
    if forecasts {
      guard format == .stream || format == .ragged else {
        throw finder.failure(
          first,
          "only streams and ragged sequences can be forecast (data.horizon); convert with 'weft data convert'"
        )
      }
      if requirements.hasOutputPerStep, inputs.marksMissing {
        throw finder.failure(
          first,
          "forecasts are fed back (model.output: every-step), in which no value is missing; set data.missing_inputs to"
            + " another way than 'mask'")
      }
      if requirements.hasOutputPerStep, names != [name] || !data.staticInputs.isEmpty {
        throw finder.failure(
          first,
          "forecasts are fed back (model.output: every-step), so the input must be the forecast series"
            + " '\(name)', alone; pass other known variables as data.covariates")
      }
      if !data.covariates.isEmpty {
        if !requirements.hasOutputPerStep { stepsAhead = data.knownAhead ?? data.horizon ?? 1 }
        covariates = InputReader(
          parts: try data.covariates.map {
            let reader = try finder.inputReader(
              $0, format: .stream, isAlone: false, key: "data.covariates")
            if format == .ragged { try finder.checkSteps(reader.dataset, as: first, format) }
            return reader
          })
        future = try finder.future(series: series?.count ?? 1)
      }
    }
    let isPerStep = hasTargetPerStep || format == .stream
    let reader = try finder.reader(name, format: isPerStep ? format : nil, isTarget: true)
    if isPerStep {
      try finder.checkSteps(reader.dataset, as: first, format)
    } else if case .sequences(let places) = layout, try finder.shape(reader.dataset)[0] != places.count {
      throw finder.failure(
        reader.dataset,
        "has \(try finder.shape(reader.dataset)[0]) rows, but there are \(places.count) sequences"
          + (try finder.orderAdvice(first)))
    }
    targets = reader
    if isTraining, let name = data.weights {
      weights = try finder.weights(
        name, key: "data.weights", format: isPerStep ? format : nil, shape: finder.shape(reader.dataset),
        of: "target")
    }
  }

  /// Adds the features that all steps of a sequence have.
  private mutating func addStaticInputs(_ data: DataConfiguration, _ finder: DatasetFinder) throws {
    guard let name = data.staticInputs.first else { return }
    guard case .sequences(let places) = layout else {
      throw WeftError.data(
        "\(finder.file): data.static '\(name)' has a row for each sequence, but the inputs are one stream; cut it into"
          + " sequences with offsets")
    }
    let readers = try finder.staticReaders(places)
    inputs = InputReader(parts: inputs.parts + readers, staticCount: readers.count)
    inputs.places = places
  }
}

extension Split {
  /// The features of windows, with their covariates.
  package var windows: WindowReader {
    WindowReader(inputs: inputs, covariates: covariates, stepsAhead: stepsAhead, future: future)
  }

  /// What relates windows to the levels of their contexts; nil without a level.
  ///
  /// - Parameter season: Season length, if targets are differences from the season before.
  package func relativeWindows(season: Int?) -> RelativeWindows? {
    guard let windowScale, let targets else { return nil }
    return RelativeWindows(inputs, scale: windowScale, targets: targets, season: season)
  }

  /// Steps of each series; nil if they are not contiguous.
  package var series: [Range<Int>]? {
    switch layout {
    case .stream(let steps): [0..<steps]
    case .sequences(.ragged(let offsets)): zip(offsets, offsets.dropFirst()).map { $0..<$1 }
    case .sequences(.dense): nil
    }
  }

  /// The same split with scaled values.
  func scaled(by scaling: Scaling, _ data: DataConfiguration) -> Split {
    var split = self
    if let fills = scaling.fills, fills.count == inputs.valueWidth {
      split.inputs = split.inputs.filling(with: fills)
    }
    if let scale = scaling.covariates, scale.width == covariates?.valueWidth {
      split.covariates?.scale = scale
      split.future?.covariates.scale = scale
    }
    if data.scalesWindows {
      if let statics = scaling.statics, statics.width == inputs.staticWidth {
        split.inputs.scale = .identity(inputs.valueWidth - statics.width).followed(by: statics)
      }
      split.windowScale = WindowScale(
        level: data.windowLevel, unit: data.windowUnit, inputs: scaling.inputs, targets: scaling.targets)
      return split
    }
    if scaling.series != nil {
      if scaling.targets?.width == targets?.width { split.targets?.scale = scaling.targets }
      return split
    }
    if scaling.inputs?.width == inputs.valueWidth { split.inputs.scale = scaling.inputs }
    if scaling.targets?.width == targets?.width { split.targets?.scale = scaling.targets }
    return split
  }
}
