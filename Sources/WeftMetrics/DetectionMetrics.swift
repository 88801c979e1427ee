/// How well scores tell what is anomalous from what is not, at every threshold at once.
public struct DetectionMetrics: Sendable, Equatable {
  /// Probability that an anomaly scores higher than what is none, ties counting half: the area under the receiver
  /// operating characteristic. NaN where one of the two is missing.
  public let areaUnderCurve: Double
  /// The best F1 that a threshold reaches; 0 without anomalies.
  public let bestF1: Double
  /// What scores this or higher is taken for an anomaly where F1 is best.
  public let threshold: Double
  /// Share of the alarms at that threshold that are right.
  public let precision: Double
  /// Share of the anomalies found at that threshold.
  public let recall: Double

  /// - Parameters:
  ///   - scores: Higher is more anomalous; no NaN.
  ///   - labels: Which are anomalies.
  /// - Precondition: There is a label for each score, and at least one.
  public init(scores: [Double], labels: [Bool]) {
    precondition(scores.count == labels.count && !scores.isEmpty && !scores.contains(where: \.isNaN))
    let anomalies = labels.reduce(0) { $0 + ($1 ? 1 : 0) }
    let others = labels.count - anomalies
    let order = scores.indices.sorted { scores[$0] > scores[$1] }
    var (found, alarms) = (0, 0)
    // Pairs in the right order, twice, so that ties stay whole.
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
