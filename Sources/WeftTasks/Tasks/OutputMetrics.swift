import WeftBase
import WeftData
import WeftLayers
import WeftMetrics
import WeftModels
import WeftParallel
import WeftTensor

/// Metrics of a model's outputs that are compared with targets one by one: classes, labels or values.
struct OutputMetrics {
  /// What outputs are.
  private enum Kind {
    case classes(ConfusionMatrix, RankingMetrics)
    case labels(LabelMetrics)
    case values(RegressionMetrics, scores: (sum: Double, count: Int), IntervalCoverage)
  }

  private let loss: Loss
  private let names: [String]
  private let scale: FeatureScale?
  private var kind: Kind

  /// - Parameters:
  ///   - outputs: Outputs of the model.
  ///   - names: Names of the targets, by which their own metrics are called; empty without names.
  ///   - scale: Scaling of the targets.
  init(_ loss: Loss, outputs: Int, names: [String], scale: FeatureScale?) {
    (self.loss, self.names) = (loss, names)
    self.scale = scale
    let width = outputs / loss.outputsPerTarget
    kind =
      loss.wantsClasses
      ? .classes(ConfusionMatrix(classes: outputs), RankingMetrics())
      : loss.kind == .binaryCrossEntropy
        ? .labels(LabelMetrics(labels: width))
        : .values(RegressionMetrics(targets: width), scores: (0, 0), IntervalCoverage())
  }

  /// The metrics of a loss, in the order of reports.
  static func metrics(_ loss: Loss, outputs: Int) -> [Metric] {
    if loss.wantsClasses {
      return [.accuracy, .macroF1, .macroPrecision, .macroRecall] + (outputs == 2 ? [.rocArea, .prArea] : [])
    }
    if loss.kind == .binaryCrossEntropy {
      return [.accuracy, .macroF1, .macroPrecision, .macroRecall, .rocArea, .prArea]
    }
    let distribution: [Metric] = loss.kind.predictsDistribution ? [.rankedProbabilityScore] : []
    return [.meanAbsoluteError, .rootMeanSquaredError, .determination] + distribution
      + (loss.kind.interval(loss).isEmpty ? [] : [.coverage])
  }

  /// Counts the outputs of a minibatch, `[outputs, model outputs]`.
  ///
  /// - Parameter predicted: The predicted class of each output; nil for the one with the greatest output.
  mutating func add(_ outputs: Tensor, _ targets: Targets<FeatureArray>?, predicted: [Int32]? = nil) {
    let matrix = outputs.matrix
    func row(_ place: Int) -> [Float] { (0..<matrix.columns).map { matrix[place, $0] } }
    switch (kind, targets) {
    case (.classes(var confusion, var ranking), .classes(let classes)):
      for (place, label) in classes.enumerated() where label >= 0 {
        var best = predicted.map { Int($0[place]) } ?? 0
        if predicted == nil {
          for column in 1..<max(matrix.columns, 1) where matrix[place, column] > matrix[place, best] {
            best = column
          }
        }
        confusion.add(label: Int(label), prediction: best)
        if matrix.columns == 2 { ranking.add(matrix[place, 1] - matrix[place, 0], isPositive: label == 1) }
      }
      kind = .classes(confusion, ranking)
    case (.labels(var labels), .values(let values)):
      for place in 0..<matrix.rows {
        for (label, value) in values[place].enumerated() where !value.isNaN {
          labels.add(logit: matrix[place, label], isPositive: value >= 0.5, label: label)
        }
      }
      kind = .labels(labels)
    case (.values(var errors, var scores, var coverage), .values(let values)):
      let ends = loss.kind.interval(loss)
      for place in 0..<matrix.rows {
        for (target, distribution) in loss.distributions(row(place)).enumerated() {
          let wanted = Double(values[place][values[place].startIndex + target])
          if wanted.isNaN { continue }
          errors.add(
            restored(distribution.median, target), groundTruth: restored(wanted, target), target: target)
          guard loss.kind.predictsDistribution else { continue }
          let unit = scale.map { Double($0.standardDeviations[target]) } ?? 1
          scores.sum += distribution.rankedProbabilityScore(wanted) * unit
          scores.count += 1
          if ends.count == 2 {
            coverage.add(wanted, from: distribution.quantile(ends[0]), to: distribution.quantile(ends[1]))
          }
        }
      }
      kind = .values(errors, scores: scores, coverage)
    default: break
    }
  }

  private func restored(_ value: Double, _ target: Int) -> Double {
    scale?.restored(value, feature: target) ?? value
  }

  /// The confusion matrix of classes; nil for other outputs.
  var confusion: ConfusionMatrix? { if case .classes(let confusion, _) = kind { confusion } else { nil } }

  /// For each of several labels at once, the predictions of 0 and 1; empty for other outputs.
  var labels: [ConfusionMatrix] { if case .labels(let labels) = kind { labels.confusions } else { [] } }

  /// The measured metrics.
  ///
  /// - Parameter inDetail: Whether to add those of each target.
  func measured(inDetail: Bool) -> [MeasuredMetric] {
    switch kind {
    case .classes(let confusion, let ranking):
      let areas = confusion.classes == 2 ? ranking.areas : nil
      return [
        MeasuredMetric(.accuracy, confusion.accuracy), MeasuredMetric(.macroF1, confusion.macroF1),
        MeasuredMetric(.macroPrecision, confusion.macroPrecision),
        MeasuredMetric(.macroRecall, confusion.macroRecall),
      ] + (areas.map(Self.measured) ?? [])
    case .labels(let labels):
      return [
        MeasuredMetric(.accuracy, labels.accuracy), MeasuredMetric(.macroF1, labels.f1),
        MeasuredMetric(.macroPrecision, labels.precision), MeasuredMetric(.macroRecall, labels.recall),
      ] + Self.measured(labels.areas)
    case .values(let errors, let scores, let coverage):
      var measured = [
        MeasuredMetric(.meanAbsoluteError, errors.meanAbsoluteError),
        MeasuredMetric(.rootMeanSquaredError, errors.rootMeanSquaredError),
        MeasuredMetric(.determination, errors.determination),
      ]
      if scores.count > 0 {
        measured.append(MeasuredMetric(.rankedProbabilityScore, scores.sum / Double(scores.count)))
      }
      if coverage.count > 0 { measured.append(MeasuredMetric(.coverage, coverage.share)) }
      guard inDetail, errors.targets.count > 1, errors.targets.count <= Self.maximumTargets else {
        return measured
      }
      for target in errors.targets.indices {
        let own = errors.targets[target]
        let name = names.isEmpty ? "\(target)" : names[target]
        measured += [
          MeasuredMetric(Metric("mae_\(name)", higherIsBetter: false), own.meanAbsoluteError),
          MeasuredMetric(Metric("rmse_\(name)", higherIsBetter: false), own.rootMeanSquaredError),
          MeasuredMetric(Metric("r2_\(name)", higherIsBetter: true), errors.determination(target: target)),
        ]
      }
      return measured
    }
  }

  /// Above it, metrics of each target are not told.
  private static let maximumTargets = 30

  private static func measured(_ areas: (receiverOperating: Double, precisionRecall: Double))
    -> [MeasuredMetric]
  {
    [MeasuredMetric(.rocArea, areas.receiverOperating), MeasuredMetric(.prArea, areas.precisionRecall)]
  }
}

extension SequenceModel {
  /// Loss and metrics of all minibatches of a split, from one pass over each.
  ///
  /// - Throws: If the split cannot be read.
  func measure(
    _ source: any BatchSource, loss: Loss, names: [String], scale: FeatureScale?, carried: RecurrentState?,
    inDetail: Bool,
    on executor: Executor
  ) throws(WeftError) -> Measurement {
    var total = PassResult()
    var metrics = OutputMetrics(loss, outputs: shape.outputs, names: names, scale: scale)
    for index in 0..<source.batchesPerEpoch {
      let batch = try source.batch(epoch: 0, index: index)
      let outputs = makeOutputs(batch)
      total.add(
        evaluate(
          batch, loss: loss.unsmoothed, initial: batch.continues ? carried : nil, final: carried,
          outputs: outputs, on: executor))
      metrics.add(outputs, batch.targets, predicted: decodePaths(outputs, batch, on: executor))
    }
    var measured = Measurement(total, metrics: metrics.measured(inDetail: inDetail))
    (measured.confusion, measured.labels) = (metrics.confusion, metrics.labels)
    return measured
  }
}
