import WeftBase
import WeftTasks
import WeftTraining

/// Finds anomalies in series.
public struct Detector: AppliedModel {
  /// The model.
  public let model: TrainedModel

  /// - Throws: If the model neither forecasts each step nor reconstructs series.
  public init(_ model: TrainedModel) throws(WeftError) {
    self.model = model
    try require(
      model.task.anomalyScorer != nil, "cannot detect anomalies",
      "numeric targets for each step, nor as an autoencoder of numeric series")
  }

  /// Scores the steps of a split, and finds those above a threshold.
  ///
  /// - Parameters:
  ///   - split: Name of the split.
  ///   - file: An HDF5 file; nil for that of training.
  ///   - cleanSplit: A split of the training data without anomalies, whose scores determine the threshold.
  ///   - threshold: The threshold in terms of these scores.
  ///   - smoothing: Steps over which scores are averaged.
  /// - Throws: If a split cannot be read, or is not like the training data.
  public func detect(
    split: String, file: String? = nil, cleanSplit: String = "validation",
    threshold: DetectionThreshold = .quantile(0.999), smoothing: Int = 1
  ) throws(WeftError) -> DetectedAnomalies {
    try model.detect(
      split: split, file: file, cleanSplit: cleanSplit, threshold: threshold, smoothing: smoothing)
  }
}
