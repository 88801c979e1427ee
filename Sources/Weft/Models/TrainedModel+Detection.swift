/// What decides from which score on a step is an anomaly, found on data without any.
public enum DetectionThreshold: Sendable, Equatable {
  /// The median of the clean scores and so many times their median absolute deviation from it.
  case medianDeviations(Double)
  /// That quantile of the clean scores.
  case quantile(Double)

  /// The threshold for clean scores.
  func value(_ scores: [Double]) -> Double {
    let sorted = scores.sorted()
    switch self {
    case .quantile(let level): return Forecaster.quantile(sorted, level)
    case .medianDeviations(let count):
      let median = Forecaster.quantile(sorted, 0.5)
      return median + count * Forecaster.quantile(sorted.map { abs($0 - median) }.sorted(), 0.5)
    }
  }
}

/// How surprising each step of a series is.
public struct DetectedAnomalies: Sendable, Equatable {
  /// Of each step from `first` on.
  public let scores: [Double]
  /// The first step that has a score.
  public let first: Int
  /// From which score on a step is an anomaly.
  public let threshold: Double
  /// The series in its own units, `[steps][targets]`, from `first` on.
  public let series: [[Double]]
  /// Which steps are anomalies in truth, from `first` on; nil where the split does not say.
  public let labels: [Bool]?

  /// Runs of anomalous steps, counted from the split's beginning.
  public var spans: [Range<Int>] {
    var spans: [Range<Int>] = []
    for (index, score) in scores.enumerated() where score >= threshold {
      let step = first + index
      if let last = spans.last, last.upperBound == step {
        spans[spans.count - 1] = last.lowerBound..<step + 1
      } else {
        spans.append(step..<step + 1)
      }
    }
    return spans
  }
}

/// Scores of a series' steps, and the steps.
struct ScoredSeries {
  /// Of each step from `first` on.
  var scores: [Double] = []
  var first = 0
  /// The series in its own units, `[steps][targets]`, from `first` on.
  var series: [[Double]] = []
}

extension TrainedModel {
  /// Finds the steps of a series that surprise a model.
  ///
  /// A model that forecasts each step from those before scores it by the surprise of its numbers, summed: −ln of the
  /// density forecast, or the distance from the forecast. An autoencoder scores it by the distance of its numbers from
  /// those reconstructed, summed. Distances are multiples of the training split's deviation if it is standardised.
  ///
  /// - Parameters:
  ///   - file: The series; nil for the data that the model was trained on.
  ///   - split: The group's name. It may hold `labels`, one a step, 1 for anomalies.
  ///   - cleanSplit: A group without anomalies of the data that the model was trained on, for the threshold.
  ///   - threshold: What decides from which score on a step is an anomaly.
  ///   - smoothing: Steps around each over which scores are averaged.
  /// - Throws: If the model is of another kind, or a split cannot be read.
  public func detect(
    split: String, file: String? = nil, cleanSplit: String, threshold: DetectionThreshold, smoothing: Int = 1
  ) throws(WeftError) -> DetectedAnomalies {
    try checkThatItDetects()
    let mean = MovingMean(window: smoothing)
    let clean = try scores(openDataset(split: cleanSplit, file: nil), split: cleanSplit)
    let dataset = try openDataset(split: split, file: file)
    let found = try scores(dataset, split: split)
    return DetectedAnomalies(
      scores: mean.values(found.scores), first: found.first,
      threshold: threshold.value(mean.values(clean.scores)), series: found.series,
      labels: try dataset.labels(split: split).map { Array($0.dropFirst(found.first)) })
  }

  private func scores(_ dataset: DatasetFile, split: String) throws(WeftError) -> ScoredSeries {
    if let model = forecastingModel { return try surprises(dataset, split: split, model) }
    return try reconstructionErrors(dataset, split: split)
  }

  /// The model, if it forecasts each step from those before.
  private var forecastingModel: SequenceModel? {
    guard let model = job.model as? SequenceModel, model.outputSteps == .everyStep,
      !model.stack.isBidirectional,
      !job.loss.wantsClasses, !job.loss.wantsLabels
    else { return nil }
    return model
  }

  private func checkThatItDetects() throws(WeftError) {
    if forecastingModel != nil { return }
    guard configuration.model.kind == .autoencoder, case .features = job.model.shape.input else {
      throw .failure(
        "\(path): neither forecasts each step from those before (model.output: every-step, targets that are numbers)"
          + " nor is an autoencoder of numbers"
      )
    }
  }

  /// Scores of all steps that have a forecast, read once from the beginning with the state carried along.
  private func surprises(
    _ dataset: DatasetFile, split: String, _ model: SequenceModel
  ) throws(WeftError) -> ScoredSeries {
    let opened = try dataset.openSplit(split)
    guard case .stream(let steps) = opened.layout else {
      throw .failure("\(dataset.path): group /\(split): is not one stream")
    }
    // Targets of a window job are the series itself; others come a step later where there are none.
    let isNextStep = job is ForecastJob || opened.targets == nil
    let count = isNextStep ? steps - 1 : steps
    guard count >= 1 else { throw .failure("\(dataset.path): group /\(split): has no two steps") }
    let first = isNextStep ? 1 : 0
    var result = ScoredSeries(first: first)
    let scale = traits.scaling.targets ?? (opened.targets == nil ? traits.scaling.inputs : nil)
    let state = RecurrentState(batch: 1, layers: model.stack.layers)
    var step = 0
    while step < count {
      let part = min(2048, count - step)
      let window = try WindowBatches.window(
        first: step, steps: part, inputs: opened.inputs, covariates: opened.covariates)
      let outputs = data.rows(
        Minibatch(lengths: [part], inputs: .features(window.values, width: window.width), targets: nil),
        initial: step == 0 ? nil : state, final: state)
      let truths: Steps
      if let targets = opened.targets {
        truths = try targets.read(first: step + first, steps: part)
      } else {
        truths = try opened.inputs.read(first: step + 1, steps: part)
      }
      guard case .features(let values, let width) = truths else {
        throw .failure("\(dataset.path): group /\(split): holds tokens, not numbers")
      }
      for (index, output) in outputs.enumerated() {
        let own = values[index * width..<(index + 1) * width].map { Double($0) }
        let distributions = PredictedDistribution.all(output, loss: job.loss)
        result.scores.append(
          zip(distributions, own).reduce(0) { $1.1.isNaN ? $0 : $0 + $1.0.surprise($1.1) })
        result.series.append(
          own.enumerated().map { scale?.restored($0.element, feature: $0.offset) ?? $0.element })
      }
      step += part
    }
    return result
  }
}
