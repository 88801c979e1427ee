import WeftBase
import WeftText

/// Minibatches without the tokens that mark the beginning and end of target sequences: the decoder adds its own.
struct UnmarkedBatches: BatchSource {
  private let source: any BatchSource
  private let beginning: Int32?
  private let end: Int32?

  init(_ source: any BatchSource, vocabulary: Vocabulary) {
    self.source = source
    beginning = vocabulary.number(of: Vocabulary.beginningToken)
    end = vocabulary.number(of: Vocabulary.endToken)
  }

  var batchesPerEpoch: Int { source.batchesPerEpoch }
  var reads: BatchReads? { source.reads }
  func sequences(epoch: Int, index: Int) -> [Int]? { source.sequences(epoch: epoch, index: index) }

  func batch(epoch: Int, index: Int) throws(WeftError) -> Minibatch {
    let batch = try source.batch(epoch: epoch, index: index)
    guard let sequences = batch.targets?.sequences, case .tokens = sequences.steps else { return batch }
    let rows = (0..<batch.rows).map { row in
      var tokens = sequences.tokens(ofRow: row)
      if let first = tokens.first, first == beginning { tokens.removeFirst() }
      if let last = tokens.last, last == end { tokens.removeLast() }
      return tokens
    }
    return batch.with(
      targets: .sequences(
        TargetSequences(
          lengths: rows.map(\.count), steps: .tokens(rows.flatMap(\.self)), share: batch.share)))
  }
}
