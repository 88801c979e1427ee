/// How well scores separate positive from negative targets, over all thresholds.
public struct RankingMetrics: Sendable, Equatable {
  private var positives: [Float] = []
  private var negatives: [Float] = []

  /// Without scores.
  public init() {}

  /// Counts one score.
  public mutating func add(_ score: Float, isPositive: Bool) {
    if isPositive { positives.append(score) } else { negatives.append(score) }
  }

  /// Area under the receiver operating characteristic, and average precision Σ (Rₙ − Rₙ₋₁)·Pₙ, the area under the
  /// precision–recall curve without interpolation. NaN without positive or without negative targets.
  public var areas: (receiverOperating: Double, precisionRecall: Double) {
    guard !positives.isEmpty, !negatives.isEmpty else { return (.nan, .nan) }
    let (high, low) = (positives.sorted(by: >), negatives.sorted(by: >))
    var (found, alarms) = (0, 0)
    // Twice the number of correctly ordered pairs, so that ties are integers.
    var doubledPairs = 0
    var precision = 0.0
    while found < high.count || alarms < low.count {
      let next = max(
        found < high.count ? high[found] : -.infinity, alarms < low.count ? low[alarms] : -.infinity)
      let (foundBefore, alarmsBefore) = (found, alarms)
      while found < high.count, high[found] >= next { found += 1 }
      while alarms < low.count, low[alarms] >= next { alarms += 1 }
      doubledPairs += (found - foundBefore) * ((low.count - alarms) + (low.count - alarmsBefore))
      precision += Double(found - foundBefore) * Double(found) / Double(found + alarms)
    }
    return (
      Double(doubledPairs) / 2 / (Double(high.count) * Double(low.count)), precision / Double(high.count)
    )
  }
}

/// Metrics of independent binary labels, each by a threshold of ½ of its probability and over all thresholds.
public struct LabelMetrics: Sendable, Equatable {
  /// For each label, the predictions of 0 and 1.
  public private(set) var confusions: [ConfusionMatrix]
  private var rankings: [RankingMetrics]

  /// Without predictions, of some labels.
  public init(labels: Int) {
    confusions = [ConfusionMatrix](repeating: ConfusionMatrix(classes: 2), count: labels)
    rankings = [RankingMetrics](repeating: RankingMetrics(), count: labels)
  }

  /// Counts one prediction of a label by its logit.
  public mutating func add(logit: Float, isPositive: Bool, label: Int) {
    confusions[label].add(label: isPositive ? 1 : 0, prediction: logit > 0 ? 1 : 0)
    rankings[label].add(logit, isPositive: isPositive)
  }

  /// Share of correct predictions.
  public var accuracy: Double {
    let total = confusions.reduce(0) { $0 + $1.total }
    let right = confusions.reduce(0.0) { $0 + $1.accuracy * Double($1.total) }
    return total == 0 ? 0 : right / Double(total)
  }

  /// Unweighted mean over the labels of the precision of positive predictions.
  public var precision: Double { mean(confusions.map { $0.precision(of: 1) }) }
  /// Unweighted mean over the labels of the recall of positive targets.
  public var recall: Double { mean(confusions.map { $0.recall(of: 1) }) }
  /// Unweighted mean over the labels of the F1 of positive targets.
  public var f1: Double { mean(confusions.map { $0.f1(of: 1) }) }

  /// Unweighted means of both areas over the labels that have positive and negative targets; NaN without any.
  public var areas: (receiverOperating: Double, precisionRecall: Double) {
    let known = rankings.map(\.areas).filter { !$0.receiverOperating.isNaN }
    return (mean(known.map(\.receiverOperating)), mean(known.map(\.precisionRecall)))
  }

  private func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
}
