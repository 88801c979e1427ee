import WeftBase
import WeftData
import WeftParallel

/// Scores each step of a stream, in total and by feature.
struct ScorePredictor: Predictor {
  let scorer: any AnomalyScorer
  /// Values per step.
  let width: Int
  /// Their names; empty without names.
  let valueNames: [String]

  func table(_ dataset: DatasetFile, split: String) throws(WeftError) -> PredictionTable {
    let names = valueNames.isEmpty ? (0..<width).map(String.init) : valueNames
    var table = PredictionTable(
      index: ["step"],
      columns: [
        .init("scores", .double), .init("feature_scores", .double, shape: [width], labels: names),
        .init("values", .double, shape: [width], labels: names),
      ])
    if let times = try dataset.times(split: split) {
      table.times = times.style
      table.columns.append(.init("time", .time))
    }
    return table
  }

  func predict(
    _ dataset: DatasetFile, split: String, on executor: Executor,
    onRows: (PredictedRows, _ done: Int, _ total: Int) throws(WeftError) -> Void
  ) throws(WeftError) {
    let found = try scorer.scores(dataset, split: split, on: executor) { _, _ in }
    let steps = found.first..<found.first + found.scores.count
    var columns: [PredictedRows.Values] = [
      .numbers(found.scores), .numbers(found.featureScores.flatMap(\.self)),
      .numbers(found.series.flatMap(\.self)),
    ]
    if let times = try dataset.times(split: split) { columns.append(.numbers(try times.times(steps))) }
    try onRows(PredictedRows(index: [Array(steps)], columns: columns), 1, 1)
  }
}
