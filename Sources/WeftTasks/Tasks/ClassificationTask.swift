import WeftBase
import WeftData
import WeftLayers
import WeftMetrics
import WeftModels
import WeftParallel

extension TaskType {
  /// Classification of sequences.
  static let classification = TaskType(
    name: "classification",
    isWanted: {
      $0.model.kind == .sequence && $0.loss.kind.targets == .classes && !$0.model.hasOutputPerStep
    },
    make: { (configuration, data) throws(WeftError) in try ClassificationTask(configuration, data) })
}

/// Classification of sequences.
package struct ClassificationTask: TrainingTask {
  private let sequenceModel: SequenceModel
  package let loss: Loss
  package let classNames: [String]

  package var model: any TrainableModel { sequenceModel }
  package var shape: ModelShape { sequenceModel.shape }
  package var metrics: [Metric] { OutputMetrics.metrics(loss, outputs: shape.outputs) }
  package var primaryMetric: Metric { .accuracy }

  /// - Throws: If the configuration does not fit the data.
  init(_ configuration: Configuration, _ data: FittedData) throws(WeftError) {
    sequenceModel = try SequenceModel(configuration.model, fitting: data.shape, file: data.file)
    loss = Loss(configuration.loss)
    classNames = data.classTexts(count: data.shape.outputs)
  }

  package func predictor(_ output: PredictionOutput, _ configuration: Configuration) -> (any Predictor)? {
    if output == .scores || output == .future { return nil }
    var predictor = stepPredictor(configuration)
    predictor?.wantsStates = output == .states
    return predictor
  }

  package func stepPredictor(_ configuration: Configuration) -> SequencePredictor? {
    SequencePredictor(
      model: sequenceModel, loss: loss, configuration: configuration, classes: classNames, scale: nil)
  }

  package func measure(
    _ source: any BatchSource, carried: RecurrentState?, fullEvaluation: Bool, on executor: Executor
  ) throws(WeftError) -> Measurement {
    try sequenceModel.measure(
      source, loss: loss, names: [], scale: nil, carried: nil, inDetail: fullEvaluation, on: executor)
  }
}
