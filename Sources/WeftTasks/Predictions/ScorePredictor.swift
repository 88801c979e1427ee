import WeftBase
import WeftData
import WeftParallel

/// Scores each step of a stream, in total and by feature.
struct ScorePredictor: Predictor {
  let scorer: any AnomalyScorer
  /// Values per step.
  let width: Int

  func table(_ dataset: DatasetFile, split: String) throws(WeftError) -> PredictionTable {
    let names = (0..<width).map(String.init)
    return PredictionTable(
      index: ["step"],
      columns: [
        .init("scores", .double), .init("feature_scores", .double, shape: [width], labels: names),
        .init("values", .double, shape: [width], labels: names),
      ])
  }

  func predict(
    _ dataset: DatasetFile, split: String, on executor: Executor,
    onRows: (PredictedRows, _ done: Int, _ total: Int) throws(WeftError) -> Void
  ) throws(WeftError) {
    let found = try scorer.scores(dataset, split: split, on: executor) { _, _ in }
    try onRows(
      PredictedRows(
        index: [Array(found.first..<found.first + found.scores.count)],
        columns: [
          .numbers(found.scores), .numbers(found.featureScores.flatMap(\.self)),
          .numbers(found.series.flatMap(\.self)),
        ]), 1, 1)
  }
}
