import WeftBase
import WeftData
import WeftParallel

/// Generates or transcribes the text of each sequence.
struct TextPredictor: Predictor {
  let configuration: Configuration
  /// The text of each row of a minibatch, with its log-probability or score.
  let write: @Sendable (Minibatch, Executor) -> [(text: String, score: Double)]
  /// The text of target tokens.
  let text: @Sendable ([Int32]) -> String

  func table(_ dataset: DatasetFile, split: String) throws(WeftError) -> PredictionTable {
    let blocks = try SplitBlocks(dataset, split: split, configuration)
    var columns: [PredictionTable.Column] = [.init("text", .text), .init("score", .double)]
    if blocks.hasTargets { columns.append(.init("targets", .text)) }
    return PredictionTable(index: ["sequence"], columns: columns)
  }

  func predict(
    _ dataset: DatasetFile, split: String, on executor: Executor,
    onRows: (PredictedRows, _ done: Int, _ total: Int) throws(WeftError) -> Void
  ) throws(WeftError) {
    let blocks = try SplitBlocks(dataset, split: split, configuration)
    try blocks.forEach { block throws(WeftError) in
      guard let sequences = block.sequences else {
        throw .data("\(dataset.path): group /\(split): is a stream; text is written for sequences")
      }
      let (written, order) = (write(block.batch, executor), block.order)
      var rows = PredictedRows(
        index: [order.map { sequences[$0] }],
        columns: [.texts(order.map { written[$0].text }), .numbers(order.map { written[$0].score })])
      if block.batch.targets != nil {
        rows.columns.append(.texts(order.map { text(block.batch.targetTokens(ofRow: $0)) }))
      }
      try onRows(rows, block.number + 1, block.total)
    }
  }
}
