import WeftBase
import WeftTasks

extension TrainedModel {
  /// Predicts all rows of a split, block by block, in the order of the data; targets are not needed.
  ///
  /// - Parameters:
  ///   - split: Name of the split.
  ///   - file: Another file of the same layout, instead of the training dataset.
  ///   - begin: Called once with the columns, before the first rows.
  ///   - onRows: Called with consecutive rows, and with how many of how many parts of the split are done.
  /// - Throws: If the model has no such output, the split cannot be read or does not match the model, and errors of the
  ///   callbacks.
  package func predict(
    _ output: PredictionOutput, split: String, file: String? = nil,
    begin: (PredictionTable) throws(WeftError) -> Void,
    onRows: (PredictedRows, _ done: Int, _ total: Int) throws(WeftError) -> Void
  ) throws(WeftError) {
    guard let predictor = task.predictor(output, configuration) else {
      let known = PredictionOutput.allCases.filter { task.predictor($0, configuration) != nil }
      guard !known.isEmpty else {
        throw .model("\(path): \(missingVocabularies ?? "the model has nothing to predict")")
      }
      throw .usage(
        "\(path): the model has no \(output.rawValue); choose --outputs "
          + known.map(\.rawValue).joined(separator: " or "))
    }
    let dataset = try openDataset(split: split, file: file, needsTargets: false)
    var table = try predictor.table(dataset, split: split)
    if table.index != ["step"] { table.names = try dataset.openSplit(split).names ?? [] }
    try begin(table)
    try predictor.predict(dataset, split: split, on: executor, onRows: onRows)
  }
}
