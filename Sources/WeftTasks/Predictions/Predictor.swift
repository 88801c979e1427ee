import WeftBase
import WeftData
import WeftParallel

/// What to predict.
public enum PredictionOutput: String, Sendable, CaseIterable {
  /// What the model was trained to predict: classes, values, forecasts or text; for an autoencoder, scores.
  case predictions
  /// What the output layer reads: the hidden states of the last layer, after pooling.
  case states
  /// Anomaly scores of every step.
  case scores
  /// Forecasts of what follows each series, without those of windows in it.
  case future
}

/// Predicts the rows of a split, block by block, in the order of the data.
package protocol Predictor: Sendable {
  /// The columns for a split.
  ///
  /// - Throws: If the split cannot be read.
  func table(_ dataset: DatasetFile, split: String) throws(WeftError) -> PredictionTable

  /// Predicts all rows of a split.
  ///
  /// - Parameters:
  ///   - onRows: Called with consecutive rows, and with how many of how many parts of the split are done.
  /// - Throws: If the split cannot be read, and errors of `onRows`.
  func predict(
    _ dataset: DatasetFile, split: String, on executor: Executor,
    onRows: (PredictedRows, _ done: Int, _ total: Int) throws(WeftError) -> Void
  ) throws(WeftError)
}
