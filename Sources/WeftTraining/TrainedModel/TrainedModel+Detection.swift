import WeftBase
import WeftTasks

extension TrainedModel {
  /// Finds the steps of a series that surprise a model.
  ///
  /// A model that forecasts each step from those before scores it by the surprise of its numbers, summed: −ln of the
  /// density forecast, or the distance from the forecast. An autoencoder scores it by the distance of its numbers from
  /// those reconstructed, summed. Distances are multiples of the training split's deviation if it is standardized.
  ///
  /// - Parameters:
  ///   - file: The series; nil for the data that the model was trained on.
  ///   - split: The group's name. It may hold `labels`, one a step, 1 for anomalies.
  ///   - cleanSplit: A group without anomalies of the data that the model was trained on, for the threshold.
  ///   - threshold: What decides from which score on a step is an anomaly.
  ///   - smoothing: Steps around each over which scores are averaged.
  /// - Throws: If the model is of another kind, or a split cannot be read.
  public func detect(
    split: String, file: String? = nil, cleanSplit: String, threshold: DetectionThreshold, smoothing: Int = 1
  ) throws(WeftError) -> DetectedAnomalies {
    guard let scorer = task.anomalyScorer else {
      throw .failure(
        "\(path): neither forecasts each step from those before (model.output: every-step, targets that are numbers)"
          + " nor is an autoencoder of numbers"
      )
    }
    let clean = try openDataset(split: cleanSplit, file: nil)
    return try scorer.detect(
      openDataset(split: split, file: file), split: split, clean: clean, cleanSplit: cleanSplit,
      threshold: threshold, smoothing: smoothing, on: executor)
  }
}
