import WeftBase
import WeftTasks
import WeftTraining

/// Predicts numbers for sequences or their steps.
public struct Regressor: AppliedModel {
  /// The model.
  public let model: TrainedModel
  private let predictor: ArrayPredictor

  /// - Throws: If the model does not predict numbers of sequences by themselves.
  public init(_ model: TrainedModel) throws(WeftError) {
    self.model = model
    predictor = try model.makeArrayPredictor()
    try require(
      predictor.classes.isEmpty && !model.task.loss.wantsClasses, "does not predict numbers",
      "numbers as targets (loss.kind: squared-error, …)")
  }

  /// Predicts sequences in memory, in their order.
  ///
  /// - Returns: For each sequence the values of its output, or of its outputs one after the other, in the units of the
  ///   targets: predictions, or medians of predicted distributions.
  /// - Throws: If the data are not like those of training.
  public func predict(_ data: Dataset) throws(WeftError) -> [[Double]] {
    var outputs = [[Double]](repeating: [], count: data.lengths.count)
    let starts = data.lengths.offsets
    switch (data.inputs, predictor.input) {
    case (.features(let values, let width), .features(let wanted)):
      guard width == wanted else {
        throw .model("\(model.path): reads \(wanted) features; the data have \(width)")
      }
      try predictor.predict(
        lengths: data.lengths,
        features: { sequence, step in
          let first = (starts[sequence] + step) * width
          return values[first..<first + width].map(Double.init)
        }, on: model.executor
      ) { outputs[$0] = Array($1) }
    case (.tokens(let tokens, _), .tokens):
      try predictor.predict(
        lengths: data.lengths, tokens: { tokens[starts[$0] + $1] }, on: model.executor
      ) { outputs[$0] = Array($1) }
    case (.features, .tokens): throw .model("\(model.path): reads tokens; the data have features")
    case (.tokens, .features): throw .model("\(model.path): reads features; the data have tokens")
    }
    return outputs
  }
}
