import WeftBase
import WeftData
import WeftTasks

extension TrainedModel {
  /// Detects the anomalies of a series.
  ///
  /// A forecasting model scores each step by its surprise, summed over its values: the negative log-density, or the
  /// distance from a point forecast. An autoencoder scores it by the reconstruction error, summed over its values.
  /// Distances are in standard deviations of the training split if the data is standardized.
  ///
  /// - Parameters:
  ///   - file: The series; nil for the training dataset.
  ///   - split: Name of the split. It may contain `labels`, one per step, 1 for anomalies.
  ///   - cleanSplit: A split of the training dataset without anomalies, which determines the threshold.
  ///   - threshold: How to determine the threshold.
  ///   - smoothing: Number of steps over which scores are averaged.
  ///   - onProgress: Called with the split that is scored, and how many of its steps are.
  /// - Throws: If the model does not support detection, or a split cannot be read.
  public func detect(
    split: String, file: String? = nil, cleanSplit: String, threshold: DetectionThreshold, smoothing: Int = 1,
    onProgress: (_ split: String, _ done: Int, _ total: Int) -> Void = { _, _, _ in }
  ) throws(WeftError) -> DetectedAnomalies {
    guard let scorer = task.anomalyScorer else {
      throw .model(
        "\(path): cannot detect anomalies: it neither forecasts each step (model.output: every-step, numeric"
          + " targets) nor is an autoencoder of numeric series; 'weft train FILE.h5 --task detection' trains a model that does"
      )
    }
    let trained = try open(configuration(for: nil), needsTargets: true)
    guard trained.contains(split: cleanSplit) else {
      let splits = configuration.data.split
      let known = [splits.validation, splits.train].first(where: trained.contains) ?? splits.train
      throw .data(
        "\(trained.path): no split '\(cleanSplit)', of which the usual scores are the threshold; name another without"
          + " anomalies, --clean \(known)")
    }
    let clean = try openDataset(split: cleanSplit, file: nil)
    let dataset = try openDataset(split: split, file: file)
    var found = try scorer.detect(
      dataset, split: split, clean: clean, cleanSplit: cleanSplit, threshold: threshold, smoothing: smoothing,
      on: executor, onProgress: onProgress)
    guard let times = try dataset.times(split: split) else { return found }
    for span in found.spans {
      let first = try times.times(span.lowerBound..<span.lowerBound + 1)
      let last = try times.times(span.upperBound - 1..<span.upperBound)
      found.spanTimes.append(
        DetectedAnomalies.SpanTimes(first: times.style.text(first[0]), last: times.style.text(last[0])))
    }
    return found
  }
}
