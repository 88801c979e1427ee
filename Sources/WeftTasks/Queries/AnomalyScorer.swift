import WeftBase
import WeftData
import WeftModels
import WeftParallel

/// Tells how surprising each step of a series is.
package protocol AnomalyScorer: Sendable {
  /// The scores of a split's steps.
  ///
  /// - Throws: If the split is not one stream or cannot be read.
  func scores(_ dataset: DatasetFile, split: String, on executor: Executor) throws(WeftError) -> ScoredSeries
}

/// Scores of a series' steps, and the steps.
package struct ScoredSeries: Sendable {
  /// Of each step from `first` on.
  package var scores: [Double] = []
  package var first = 0
  /// The series in its own units, `[steps][targets]`, from `first` on.
  package var series: [[Double]] = []
}

extension DatasetFile {
  /// A split that is one stream, and how many steps it has.
  func openStream(_ name: String) throws(WeftError) -> (split: Split, steps: Int) {
    let split = try openSplit(name)
    guard case .stream(let steps) = split.layout else {
      throw .failure("\(path): group /\(name): is not one stream")
    }
    return (split, steps)
  }
}

extension AnomalyScorer {
  /// Finds the steps of a series that surprise a model.
  ///
  /// - Parameters:
  ///   - dataset: The series, with the group `split`; it may hold `labels`, one a step, 1 for anomalies.
  ///   - clean: Data without anomalies, with the group `cleanSplit`, for the threshold.
  ///   - threshold: What decides from which score on a step is an anomaly.
  ///   - smoothing: Steps around each over which scores are averaged.
  /// - Throws: If a split is not one stream or cannot be read.
  package func detect(
    _ dataset: DatasetFile, split: String, clean: DatasetFile, cleanSplit: String,
    threshold: DetectionThreshold, smoothing: Int, on executor: Executor
  ) throws(WeftError) -> DetectedAnomalies {
    let mean = MovingMean(window: smoothing)
    let cleanScores = try scores(clean, split: cleanSplit, on: executor).scores
    let found = try scores(dataset, split: split, on: executor)
    return DetectedAnomalies(
      scores: mean.values(found.scores), first: found.first,
      threshold: threshold.value(mean.values(cleanScores)), series: found.series,
      labels: try dataset.labels(split: split).map { Array($0.dropFirst(found.first)) })
  }
}
