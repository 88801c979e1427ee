import WeftBase
import WeftMetrics

/// The receiver operating characteristic and the precision–recall curve of scores.
struct ThresholdCurves {
  private var scores: [(score: Double, isPositive: Bool)] = []
  private var ranking = RankingMetrics()

  /// Counts a score.
  mutating func add(_ score: Double, isPositive: Bool) {
    scores.append((score, isPositive))
    ranking.add(Float(score), isPositive: isPositive)
  }

  /// Points of both curves, from the highest threshold to the lowest; nil without positives or without negatives.
  var points: (receiver: [(x: Double, y: Double)], precision: [(x: Double, y: Double)])? {
    let sorted = scores.sorted { $0.score > $1.score }
    let positives = sorted.count { $0.isPositive }
    let negatives = sorted.count - positives
    guard positives > 0, negatives > 0 else { return nil }
    var (found, alarms) = (0, 0)
    var (receiver, precision): ([(x: Double, y: Double)], [(x: Double, y: Double)]) = ([(0, 0)], [])
    for (index, entry) in sorted.enumerated() {
      if entry.isPositive { found += 1 } else { alarms += 1 }
      // Equal scores have one threshold.
      if index + 1 < sorted.count, sorted[index + 1].score == entry.score { continue }
      receiver.append((Double(alarms) / Double(negatives), Double(found) / Double(positives)))
      precision.append((Double(found) / Double(positives), Double(found) / Double(found + alarms)))
    }
    return (Self.thinned(receiver), Self.thinned(precision))
  }

  private static func thinned(_ points: [(x: Double, y: Double)]) -> [(x: Double, y: Double)] {
    let most = 400
    guard points.count > most else { return points }
    return (0..<most).map { points[$0 * (points.count - 1) / (most - 1)] }
  }

  /// Both charts for several scores, with their areas; none without positives and negatives.
  static func charts(_ curves: [(name: String, curves: ThresholdCurves)]) -> [XYChart] {
    var receiver = XYChart(
      title: "Receiver operating characteristic", x: "false positive rate", y: "true positive rate")
    var precision = XYChart(title: "Precision and recall", x: "recall", y: "precision")
    receiver.diagonal = "chance"
    (receiver.range, precision.range) = (0...1, 0...1)
    receiver.table = [["", "area under the curve"]]
    precision.table = [["", "average precision"]]
    for (number, curve) in curves.enumerated() {
      guard let points = curve.curves.points else { continue }
      let areas = curve.curves.ranking.areas
      let (area, average) = (
        NumberText.fixed(areas.receiverOperating, decimals: 3),
        NumberText.fixed(areas.precisionRecall, decimals: 3)
      )
      receiver.lines.append(
        XYChart.Line(name: "\(curve.name) (area \(area))", color: number, points: points.receiver))
      precision.lines.append(
        XYChart.Line(name: "\(curve.name) (average \(average))", color: number, points: points.precision))
      receiver.table.append([curve.name, area])
      precision.table.append([curve.name, average])
    }
    guard !receiver.lines.isEmpty else { return [] }
    if receiver.lines.count == 1 {
      receiver.summary = receiver.lines[0].name
      precision.summary = precision.lines[0].name
    }
    return [receiver, precision]
  }
}
