import WeftBase
import WeftData
import WeftModels
import WeftParallel

/// Computes anomaly scores of the steps of a series.
package protocol AnomalyScorer: Sendable {
  /// The scores of a split's steps.
  ///
  /// - Parameter onProgress: Called with how many of the steps are scored.
  /// - Throws: If the split is not a stream or cannot be read.
  func scores(
    _ dataset: DatasetFile, split: String, on executor: Executor,
    onProgress: (_ done: Int, _ total: Int) -> Void
  ) throws(WeftError) -> ScoredSeries
}

/// A series with the scores of its steps.
package struct ScoredSeries: Sendable {
  /// Scores of each step from `first` on.
  package var scores: [Double] = []
  package var first = 0
  /// The part of each feature in the scores, `[steps][targets]`, from `first` on.
  package var featureScores: [[Double]] = []
  /// The series in its original units, `[steps][targets]`, from `first` on.
  package var series: [[Double]] = []
}

extension DatasetFile {
  /// Opens a split that is a stream, with its number of steps.
  func openStream(_ name: String) throws(WeftError) -> (split: Split, steps: Int) {
    let split = try openSplit(name)
    guard case .stream(let steps) = split.layout else {
      throw .data(
        "\(path): group /\(name): is not a stream; anomalies are searched in one series, which weft data convert"
          + " \(path.shellQuoted) --layout stream -o stream.h5 makes of several, one after the other")
    }
    return (split, steps)
  }
}

extension AnomalyScorer {
  /// Detects the anomalies of a series.
  ///
  /// - Parameters:
  ///   - dataset: The series, with the group `split`; it may contain `labels`, one per step, 1 for anomalies.
  ///   - clean: Data without anomalies, with the group `cleanSplit`, for the threshold.
  ///   - threshold: How to determine the threshold.
  ///   - smoothing: Number of steps over which scores are averaged.
  ///   - onProgress: Called with the split that is scored, and how many of its steps are.
  /// - Throws: If a split is not a stream or cannot be read.
  package func detect(
    _ dataset: DatasetFile, split: String, clean: DatasetFile, cleanSplit: String,
    threshold: DetectionThreshold, smoothing: Int, on executor: Executor,
    onProgress: (_ split: String, _ done: Int, _ total: Int) -> Void
  ) throws(WeftError) -> DetectedAnomalies {
    let mean = MovingMean(window: smoothing)
    let cleanScores = try scores(clean, split: cleanSplit, on: executor) { onProgress(cleanSplit, $0, $1) }
      .scores
    let found = try scores(dataset, split: split, on: executor) { onProgress(split, $0, $1) }
    return DetectedAnomalies(
      scores: mean.values(found.scores), first: found.first,
      threshold: threshold.value(mean.values(cleanScores)), series: found.series,
      labels: try dataset.labels(split: split).map { Array($0.dropFirst(found.first)) })
  }
}
