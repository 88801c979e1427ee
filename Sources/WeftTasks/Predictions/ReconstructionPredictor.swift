import WeftBase
import WeftData
import WeftLayers
import WeftModels
import WeftParallel

/// Scores each step of streams and of sequences by its reconstruction error, in total and by feature.
struct ReconstructionPredictor: Predictor {
  let model: EncoderDecoderModel
  let configuration: Configuration
  let scale: FeatureScale?
  /// Scores streams, by overlapping windows.
  let stream: ScorePredictor

  func table(_ dataset: DatasetFile, split: String) throws(WeftError) -> PredictionTable {
    var table = try stream.table(dataset, split: split)
    if try !SplitBlocks(dataset, split: split, configuration).isStream { table.index = ["sequence", "step"] }
    return table
  }

  func predict(
    _ dataset: DatasetFile, split: String, on executor: Executor,
    onRows: (PredictedRows, _ done: Int, _ total: Int) throws(WeftError) -> Void
  ) throws(WeftError) {
    let blocks = try SplitBlocks(dataset, split: split, configuration)
    if blocks.isStream { return try stream.predict(dataset, split: split, on: executor, onRows: onRows) }
    try blocks.forEach { block throws(WeftError) in
      guard let sequences = block.sequences, case .features(let features) = block.batch.inputs else {
        throw .data("\(dataset.path): group /\(split): contains tokens; expected numbers")
      }
      let written = model.reconstruct(block.batch, on: executor)
      var (index, errors, values): ([[Int]], [[Double]], [Double]) = ([[], []], [], [])
      for row in block.order {
        for step in 0..<block.batch.lengths[row] {
          let place = block.batch.offsets[row] + step
          let own = features[place].map { Double($0) }
          index[0].append(sequences[row])
          index[1].append(step)
          errors.append(own.enumerated().map { abs($1 - Double(written.matrix[place, $0])) })
          values += own.enumerated().map { scale?.original($1, feature: $0) ?? $1 }
        }
      }
      try onRows(
        PredictedRows(
          index: index,
          columns: [
            .numbers(errors.map { $0.reduce(0, +) }), .numbers(errors.flatMap(\.self)), .numbers(values),
          ]), block.number + 1, block.total)
    }
  }
}
