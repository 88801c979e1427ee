/// Threshold-independent metrics of anomaly scores.
public struct DetectionMetrics: Sendable, Equatable {
  /// ROC-AUC: the probability that an anomalous step scores higher than a normal one, counting ties half. NaN if all
  /// steps are anomalous or none is.
  public let areaUnderCurve: Double
  /// Best F1 over all thresholds; 0 without anomalies.
  public let bestF1: Double
  /// Threshold with the best F1; scores at or above it are anomalies.
  public let threshold: Double
  /// Precision at that threshold.
  public let precision: Double
  /// Recall at that threshold.
  public let recall: Double

  /// - Parameters:
  ///   - scores: Scores without NaN; higher is more anomalous.
  ///   - labels: Whether each step is an anomaly.
  /// - Precondition: Scores and labels have the same count, at least 1.
  public init(scores: [Double], labels: [Bool]) {
    precondition(scores.count == labels.count && !scores.isEmpty && !scores.contains(where: \.isNaN))
    let anomalies = labels.reduce(0) { $0 + ($1 ? 1 : 0) }
    let others = labels.count - anomalies
    let order = scores.indices.sorted { scores[$0] > scores[$1] }
    var (found, alarms) = (0, 0)
    // Twice the number of correctly ordered pairs, so that ties are integers.
    var doubledPairs = 0
    var best = (f1: 0.0, threshold: scores[order[0]], precision: 0.0, recall: 0.0)
    var index = 0
    while index < order.count {
      let score = scores[order[index]]
      var (anomaliesHere, othersHere) = (0, 0)
      while index < order.count, scores[order[index]] == score {
        if labels[order[index]] { anomaliesHere += 1 } else { othersHere += 1 }
        index += 1
      }
      let othersBelow = others - (alarms - found) - othersHere
      doubledPairs += anomaliesHere * (2 * othersBelow + othersHere)
      found += anomaliesHere
      alarms += anomaliesHere + othersHere
      let f1 = 2 * Double(found) / Double(alarms + anomalies)
      if f1 > best.f1 {
        best = (f1, score, Double(found) / Double(alarms), Double(found) / Double(anomalies))
      }
    }
    areaUnderCurve = Double(doubledPairs) / 2 / (Double(anomalies) * Double(others))
    bestF1 = best.f1
    threshold = best.threshold
    precision = best.precision
    recall = best.recall
  }
}
