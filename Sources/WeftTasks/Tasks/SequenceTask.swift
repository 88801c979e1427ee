import WeftBase
import WeftData
import WeftLayers
import WeftMetrics
import WeftModels
import WeftParallel

extension TaskType {
  /// Language models, tagging and regression.
  static let sequence = TaskType(
    name: "sequence", isWanted: { $0.model.kind == .sequence },
    make: { (configuration, data) throws(WeftError) in try SequenceTask(configuration, data) })
}

/// Outputs per step or per sequence: language models, tagging, regression.
package struct SequenceTask: TrainingTask {
  private let sequenceModel: SequenceModel
  package let loss: Loss
  private let data: FittedData

  package var model: any TrainableModel { sequenceModel }
  package var shape: ModelShape { sequenceModel.shape }

  /// - Throws: If the configuration does not fit the data.
  init(_ configuration: Configuration, _ data: FittedData) throws(WeftError) {
    sequenceModel = try SequenceModel(configuration.model, fitting: data.shape, file: data.file)
    loss = Loss(configuration.loss)
    self.data = data
  }

  package var metrics: [Metric] {
    languageModel != nil ? [.accuracy] : OutputMetrics.metrics(loss, outputs: shape.outputs)
  }

  package func measure(
    _ source: any BatchSource, carried: RecurrentState?, fullEvaluation: Bool, on executor: Executor
  ) throws(WeftError) -> Measurement {
    // The classes of language models are many, and all that matters is their probability.
    if languageModel != nil {
      return Measurement(
        try model.evaluate(source, loss: loss.unsmoothed, carried: carried, on: executor), loss)
    }
    return try sequenceModel.measure(
      source, loss: loss, names: valueNames, scale: scale, carried: carried, inDetail: fullEvaluation,
      on: executor)
  }

  package var languageModel: LanguageModel? {
    LanguageModel(sequenceModel, vocabulary: data.vocabularies.inputs)
  }

  package var anomalyScorer: (any AnomalyScorer)? {
    SurpriseScorer(sequenceModel, loss: loss, scaling: data.traits.scaling)
  }

  package func predictor(_ output: PredictionOutput, _ configuration: Configuration) -> (any Predictor)? {
    if output == .scores {
      return anomalyScorer.map { ScorePredictor(scorer: $0, width: width, valueNames: valueNames) }
    }
    if output == .future { return nil }
    var predictor = stepPredictor(configuration)
    predictor?.wantsStates = output == .states
    return predictor
  }

  package func stepPredictor(_ configuration: Configuration) -> SequencePredictor? {
    SequencePredictor(
      model: sequenceModel, loss: loss, configuration: configuration,
      classes: loss.wantsClasses ? classTexts : valueNames, scale: scale)
  }

  /// Values per output.
  private var width: Int { shape.outputs / loss.outputsPerTarget }

  /// The names of values, or of labels that do not exclude each other; empty without names.
  private var valueNames: [String] { data.traits.valueNames(width: width) }

  /// Scaling of the targets, which are the next inputs if the data have no others.
  private var scale: FeatureScale? {
    data.traits.scaling.ofValues(loss, width: width)
  }

  /// The text of each class or, of a language model, of each token.
  private var classTexts: [String] {
    if let languageModel { return languageModel.vocabulary.tokens }
    return data.classTexts(count: shape.outputs)
  }

  package func samples(
    from source: (any BatchSource)?, length: Int, count: Int, on executor: Executor
  ) throws(WeftError) -> [SampleText] {
    guard let languageModel else { return [] }
    let sampling = try Sampling(temperature: 0.8, seed: 1)
    return [
      SampleText(
        written: languageModel.generate(
          after: [], limits: GenerationLimits(length: length), sampling: sampling, on: executor))
    ]
  }
}
