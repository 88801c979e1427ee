import WeftBase
import WeftData
import WeftLayers
import WeftMetrics
import WeftModels
import WeftParallel

/// What a run trains for, fitted to its data: a model, its loss, what tells how good the model is, and what the trained
/// model can be asked.
///
/// A task composes parts; the trainer, its checkpoints and its metrics are the same for all tasks. See ``TaskType`` for
/// how one is found.
package protocol TrainingTask: Sendable {
  /// What is trained.
  var model: any TrainableModel { get }
  /// What the data demand of the model.
  var shape: ModelShape { get }
  /// What training minimizes.
  var loss: Loss { get }
  /// What is measured beside the loss, in the order in which it is told.
  var metrics: [Metric] { get }
  /// What decides the best checkpoint unless the configuration names another metric.
  var primaryMetric: Metric { get }

  /// Measures the model on the minibatches of a split.
  ///
  /// - Parameters:
  ///   - executor: Runs the model, with the parameters to measure.
  ///   - carried: States to carry from minibatch to minibatch where these go on; overwritten.
  ///   - fullEvaluation: Whether to take the time for what a run's evaluations leave out.
  /// - Throws: If the split cannot be read.
  func measure(
    _ source: any BatchSource, carried: RecurrentState?, fullEvaluation: Bool, on executor: Executor
  ) throws(WeftError) -> Measurement

  /// What is to be told of training data that the model cannot learn from as a whole; nil without any.
  ///
  /// - Throws: If the data cannot be read, or nothing can be learned from them.
  func note(on dataset: DatasetFile, split: String) throws(WeftError) -> String?

  /// Texts by the model as it stands, for people to see how it gets on; none of models that write no text.
  ///
  /// - Parameters:
  ///   - source: Minibatches to write for; nil for none.
  ///   - length: Tokens of a text that nothing ends.
  ///   - count: Texts at most.
  /// - Throws: If the split cannot be read.
  func samples(
    from source: (any BatchSource)?, length: Int, count: Int, on executor: Executor
  ) throws(WeftError) -> [SampleText]

  /// Writes text that goes on from a prompt; nil of other models.
  var languageModel: LanguageModel? { get }
  /// Tells the class of a sequence; nil of other models.
  var classifier: Classifier? { get }
  /// Forecasts series; nil of other models.
  var forecaster: SeriesForecaster? { get }
  /// Tells how surprising each step of a series is; nil of other models.
  var anomalyScorer: (any AnomalyScorer)? { get }
  /// Reads labels out of sequences of features; nil of other models.
  var transcriber: Transcriber? { get }
  /// Writes text for sequences; nil of other models.
  var writer: TextWriter? { get }
}

extension TrainingTask {
  package var metrics: [Metric] { loss.wantsClasses ? [.accuracy] : [] }
  package var primaryMetric: Metric { .loss }

  package func measure(
    _ source: any BatchSource, carried: RecurrentState?, fullEvaluation: Bool, on executor: Executor
  ) throws(WeftError) -> Measurement {
    Measurement(
      try model.evaluate(source, loss: loss.unsmoothed, carried: carried, on: executor), loss)
  }

  package func note(on dataset: DatasetFile, split: String) throws(WeftError) -> String? { nil }

  package func samples(
    from source: (any BatchSource)?, length: Int, count: Int, on executor: Executor
  ) throws(WeftError) -> [SampleText] { [] }

  package var languageModel: LanguageModel? { nil }
  package var classifier: Classifier? { nil }
  package var forecaster: SeriesForecaster? { nil }
  package var anomalyScorer: (any AnomalyScorer)? { nil }
  package var transcriber: Transcriber? { nil }
  package var writer: TextWriter? { nil }
}

extension TrainingTask {
  /// Memory for the states that pass from minibatch to minibatch; nil where none do.
  package func makeCarriedState(_ training: TrainingConfiguration) -> RecurrentState? {
    training.carryState ? RecurrentState(batch: training.batch, layers: model.carriedLayers) : nil
  }

  /// The metric that decides the best checkpoint, early stopping and the plateau schedule.
  ///
  /// - Parameter name: What the configuration asks for; nil for the task's own.
  /// - Throws: If the task does not measure it.
  package func selectionMetric(named name: String?) throws(WeftError) -> Metric {
    guard let name else { return primaryMetric }
    let measured = [.loss] + metrics
    if let metric = measured.first(where: { $0.name == name }) { return metric }
    throw .failure(
      "training.metric: '\(name)' is not measured here; choose among "
        + measured.map { "'\($0.name)'" }.joined(separator: ", "))
  }
}
