import KernelInterface
import WeftData
import WeftLayers
import WeftParallel
import WeftTensor

extension EncoderDecoderModel {
  /// The best sequences found by a search for each row of a minibatch, best first.
  ///
  /// - Parameter wantsAttention: Whether to return attention weights.
  /// - Precondition: The model generates tokens.
  package func decode(
    _ batch: Minibatch, _ search: BeamSearch, wantsAttention: Bool = false, on executor: Executor
  ) -> [[Hypothesis]] {
    precondition(writesTokens)
    let found = executor.run(Segment(lengths: batch.lengths), wantsGradients: false, dropoutKey: nil) {
      shard in
      let results = decode(batch, search, wantsAttention: wantsAttention, shard)
      shard.finishForward()
      return zip(shard.globalRows, results).map { (row: Int($0), hypotheses: $1) }
    }
    var results = [[Hypothesis]](repeating: [], count: batch.rows)
    for (row, hypotheses) in found.flatMap(\.self) { results[row] = hypotheses }
    return results
  }

  /// The reconstruction of a minibatch's inputs by an autoencoder that is fed its own outputs, row by row in input
  /// order, `[steps, features]`.
  ///
  /// - Precondition: The model generates as many features as it reads.
  package func reconstruct(_ batch: Minibatch, on executor: Executor) -> Tensor {
    precondition(!writesTokens)
    let result = Tensor(rows: batch.steps, columns: shape.outputs)
    _ = executor.run(Segment(lengths: batch.lengths), wantsGradients: false, dropoutKey: nil) { shard in
      reconstruct(batch, into: result.matrix, shard)
      shard.finishForward()
    }
    return result
  }

  /// Encodes a shard's rows and creates a stepper for the decoder.
  func makeStepper(_ batch: Minibatch, sequencesPerRow: Int, _ shard: Shard) -> DecoderStepper {
    let encoding = encode(
      batch.shardInputs(shard), shard)
    let rows = (0..<Int32(shard.layout.rows)).map { $0 }
    let memory = SourceMemory(encoding.output, rows: rows, shard)
    let sources = bridgeSources(encoding, memory, rows: rows, shard)
    let initial = zip(bridges, sources).map { $0.forward($1, shard) }
    return DecoderStepper(
      self, sources: memory, initial: initial, capacity: rows.count * sequencesPerRow, shard)
  }

  private func decode(
    _ batch: Minibatch, _ search: BeamSearch, wantsAttention: Bool, _ shard: Shard
  ) -> [[Hypothesis]] {
    if shard.layout.rows == 0 { return [] }
    let stepper = makeStepper(batch, sequencesPerRow: search.beam, shard)
    var states = shard.layout.lengths.map { _ in BeamState(search, boundary: boundary) }
    let losses = shard.arena.matrix(rows: 2, columns: states.count * search.beam)
    // The sequences of all sources, grouped by source.
    var sources = states.indices.map(Int32.init)
    var tokens = [Int32](repeating: boundary, count: states.count)
    while !tokens.isEmpty {
      let outputs = stepper.step(tokens, sources: sources)
      let candidates = mostProbable(outputs, count: 2 * search.beam, losses: losses, shard)
      var parents: [Int32] = []
      var nextSources: [Int32] = []
      tokens = []
      var first = 0
      while first < sources.count {
        let source = Int(sources[first])
        let count = states[source].active.count
        let extensions = (0..<count).flatMap { index in
          candidates[first + index].map {
            BeamState.Extension(
              parent: index, token: $0.token,
              logProbability: states[source].active[index].logProbability + $0.logProbability)
          }
        }
        let attention = wantsAttention ? (0..<count).map { stepper.attention(of: first + $0) } : []
        for parent in states[source].extend(extensions, attention: attention) {
          parents.append(Int32(first + parent))
          nextSources.append(Int32(source))
        }
        tokens += states[source].active.map { $0.tokens[$0.tokens.count - 1] }
        first += count
      }
      stepper.reorder(parents)
      sources = nextSources
    }
    return states.map(\.results)
  }

  /// The tokens with the largest outputs of each row, in descending order; ties are broken by the smaller token.
  ///
  /// - Parameter losses: Scratch memory: two rows, with a column for each row of the outputs.
  private func mostProbable(
    _ outputs: Matrix, count: Int, losses: Matrix, _ shard: Shard
  ) -> [[(token: Int32, logProbability: Double)]] {
    let width = outputs.columns
    var chosen: [[Int32]] = []
    for row in 0..<outputs.rows {
      let values = outputs.row(row)
      var best: [Int32] = []
      best.reserveCapacity(count + 1)
      for token in 0..<width {
        let value = values[token]
        if best.count == count, !(value > values[Int(best[count - 1])]) { continue }
        let place = best.firstIndex { values[Int($0)] < value } ?? best.count
        best.insert(Int32(token), at: place)
        if best.count > count { best.removeLast() }
      }
      chosen.append(best)
    }
    // −ln p of the most probable token gives those of all others.
    shard.kernels.softmaxCrossEntropy(
      logits: outputs, classes: width, targets: chosen.map { $0[0] }, labelSmoothing: 0, gradientScale: 0,
      losses: losses.rows(0..<1), correct: losses.rows(1..<2))
    return chosen.enumerated().map { row, tokens in
      let values = outputs.row(row)
      let shift = Double(values[Int(tokens[0])]) + Double(losses[0, row])
      return tokens.map { ($0, Double(values[Int($0)]) - shift) }
    }
  }

  private func reconstruct(_ batch: Minibatch, into result: Matrix, _ shard: Shard) {
    let layout = shard.layout
    if layout.rows == 0 { return }
    let stepper = makeStepper(batch, sequencesPerRow: 1, shard)
    var written = shard.arena.matrix(rows: layout.rows, columns: shape.outputs)
    shard.kernels.fill(written, with: 0)
    for step in 0..<layout.steps {
      let rows = 0..<layout.activeRows[step]
      written = stepper.step(written.rows(rows), sources: rows.map(Int32.init))
      // The last step of a row is generated first.
      let places = rows.map { row in
        Int32(batch.offsets[Int(shard.globalRows[row]) + 1] - 1 - step)
      }
      shard.kernels.scatterRows(written, to: places, of: result)
      stepper.reorder(rows.map(Int32.init))
    }
  }
}
