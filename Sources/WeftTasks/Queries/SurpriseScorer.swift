import WeftBase
import WeftData
import WeftLayers
import WeftModels
import WeftParallel

/// Scores each step by its surprise given the preceding steps, summed over its values: the negative log-density, or the
/// distance from a point forecast, in standard deviations of the training split if the data is standardized.
struct SurpriseScorer: AnomalyScorer {
  private let model: SequenceModel
  private let loss: Loss
  private let scaling: Scaling
  /// Whether the targets are the inputs one step later.
  private let isOneStepAhead: Bool

  /// Nil if the model does not forecast each step from the preceding ones.
  ///
  /// - Parameter isOneStepAhead: Whether the data's targets are the inputs, so that an output is compared with the
  ///   targets of the next step.
  init?(_ model: SequenceModel, loss: Loss, scaling: Scaling, isOneStepAhead: Bool = false) {
    guard model.hasOutputPerStep, model.stack.canBeSegmented, !loss.wantsClasses,
      !loss.wantsLabels
    else { return nil }
    self.model = model
    self.loss = loss
    self.scaling = scaling
    self.isOneStepAhead = isOneStepAhead
  }

  /// Scores all steps that have a forecast, in one pass from the start with carried state.
  func scores(
    _ dataset: DatasetFile, split name: String, on executor: Executor,
    onProgress: (_ done: Int, _ total: Int) -> Void
  ) throws(WeftError) -> ScoredSeries {
    let (split, steps) = try dataset.openStream(name)
    // Without targets, an output is compared with the next input.
    let isOneStepAhead = isOneStepAhead || split.targets == nil
    let count = isOneStepAhead ? steps - 1 : steps
    guard count >= 1 else { throw .data("\(dataset.path): group /\(name): needs at least two steps") }
    let first = isOneStepAhead ? 1 : 0
    var result = ScoredSeries(first: first)
    let series = split.targets == nil ? split.inputs.series : split.targets?.series
    let scale =
      series?.scale(at: 0) ?? scaling.targets ?? (split.targets == nil ? scaling.inputs : nil)
    let state = RecurrentState(batch: 1, layers: model.stack.layers)
    var step = 0
    while step < count {
      let part = min(2048, count - step)
      let outputs = model.outputRows(
        Minibatch(lengths: [part], inputs: .features(try split.windows.read([step..<step + part]))),
        initial: step == 0 ? nil : state, final: state, on: executor)
      let targets =
        if let targets = split.targets {
          try targets.read(first: step + first, steps: part)
        } else {
          try split.inputs.read(first: step + 1, steps: part)
        }
      guard case .features(let values) = targets else {
        throw .data("\(dataset.path): group /\(name): contains tokens; expected numbers")
      }
      for (index, output) in outputs.enumerated() {
        let own = values[index].map { Double($0) }
        let surprises = zip(loss.distributions(output), own).map { $1.isNaN ? 0 : $0.surprise($1) }
        result.scores.append(surprises.reduce(0, +))
        result.featureScores.append(surprises)
        result.series.append(
          own.enumerated().map { scale?.original($0.element, feature: $0.offset) ?? $0.element })
      }
      step += part
      onProgress(step, count)
    }
    return result
  }
}
