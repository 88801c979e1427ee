/// What a run trains for: a model, its loss, and what tells how good the model is.
///
/// A job composes parts; the trainer, its checkpoints and its metrics are the same for all jobs.
package protocol Job: Sendable {
  /// What is trained.
  var model: any TrainableModel { get }
  /// What training minimises.
  var loss: Loss { get }
  /// What is measured beside the loss, in the order in which it is told.
  var metrics: [Metric] { get }
  /// What decides the best checkpoint unless the configuration names another metric.
  var standardMetric: Metric { get }

  /// Measures the model on the minibatches of a split.
  ///
  /// - Parameters:
  ///   - data: Runs the model, with the parameters to measure.
  ///   - carried: States to carry from minibatch to minibatch where these go on; overwritten.
  ///   - thoroughly: Whether to take the time for what a run's evaluations leave out.
  /// - Throws: If the split cannot be read.
  func measure(
    _ source: any BatchSource, on data: DataParallel, carried: RecurrentState?, thoroughly: Bool
  ) throws(WeftError) -> Measurement
}

extension Job {
  package var metrics: [Metric] { loss.wantsClasses ? [.accuracy] : [] }
  package var standardMetric: Metric { .loss }

  package func measure(
    _ source: any BatchSource, on data: DataParallel, carried: RecurrentState?, thoroughly: Bool
  ) throws(WeftError) -> Measurement {
    Measurement(try data.evaluate(source, loss: loss.unsmoothed, carried: carried), loss)
  }

  /// Memory for the states that pass from minibatch to minibatch; nil where none do.
  package func makeCarriedState(_ training: TrainingConfiguration) -> RecurrentState? {
    training.carryState ? RecurrentState(batch: training.batch, layers: model.carriedLayers) : nil
  }

  /// The metric that decides the best checkpoint, early stopping and the plateau schedule.
  ///
  /// - Parameter name: What the configuration asks for; nil for the job's own.
  /// - Throws: If the job does not measure it.
  package func decisiveMetric(named name: String?) throws(WeftError) -> Metric {
    guard let name else { return standardMetric }
    let measured = [.loss] + metrics
    if let metric = measured.first(where: { $0.name == name }) { return metric }
    throw .failure(
      "training.metric: '\(name)' is not measured here; choose among "
        + measured.map { "'\($0.name)'" }.joined(separator: ", "))
  }
}

/// What was measured on a split.
package struct Measurement: Sendable {
  /// The mean loss of a target.
  package var loss: Double
  /// Targets measured.
  package var targets: Int
  /// The job's metrics.
  package var metrics: [MeasuredMetric]

  /// The losses of a pass over the split, with the accuracy where targets are classes.
  package init(_ result: DataParallel.Result, _ loss: Loss) {
    self.loss = result.meanLoss
    targets = result.targets
    metrics = loss.wantsClasses ? [MeasuredMetric(.accuracy, result.accuracy)] : []
  }

  /// The losses of a pass over the split, and the job's own metrics.
  package init(_ result: DataParallel.Result, metrics: [MeasuredMetric]) {
    loss = result.meanLoss
    targets = result.targets
    self.metrics = metrics
  }

  /// The value of a metric; nil where it was not measured.
  package func value(of metric: Metric) -> Double? {
    metric == .loss ? loss : metrics.first { $0.metric == metric }?.value
  }

  /// The loss and all metrics by name, as metrics files hold them.
  package var values: MetricValues {
    MetricValues([(Metric.loss.name, loss)] + metrics.map { ($0.metric.name, $0.value) })
  }
}
