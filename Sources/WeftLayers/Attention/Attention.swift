import KernelInterface
import WeftTensor

/// Score of a source step s for a decoder state h.
public enum AttentionScore: String, CaseIterable, Codable, Sendable {
  /// v · tanh(W_q h + W_k s) (Bahdanau, Cho and Bengio 2015).
  case additive
  /// h · s (Luong, Pham and Manning 2015).
  case dot
  /// h · (W s) (Luong, Pham and Manning 2015).
  case general
}

/// Attention: a context c = Σₛ aₛ s over the steps of a row's source, a = softmax(scores of a decoder's state h).
///
/// The keys depend only on the source, so they are projected once for all steps of the decoder.
package struct Attention: Sendable {
  let score: AttentionScore
  let hiddenSize: Int
  package let sourceSize: Int
  /// Columns of keys and queries.
  private let keySize: Int
  /// W_q `[hidden, keys]`, additive.
  private let query: Projection?
  /// W_k `[source, keys]`, additive; W `[source, hidden]`, general.
  private let key: Projection?
  /// v `[keys]`, additive.
  private let vector: PaddedRow?

  /// Adds its parameters, under `path`, to a model's layout.
  ///
  /// - Precondition: For dot products, the source has as many features as the decoder has units.
  package init(
    path: String, score: AttentionScore, hiddenSize: Int, sourceSize: Int, size: Int,
    initialization: Initialization, layout: inout ParameterLayout
  ) {
    precondition(score != .dot || hiddenSize == sourceSize)
    self.score = score
    self.hiddenSize = hiddenSize
    self.sourceSize = sourceSize
    let keySize = score == .additive ? size : hiddenSize
    self.keySize = keySize
    func projection(_ name: String, rows: Int) -> Projection {
      Projection(
        layout.add(
          "\(path)/\(name)", rows: rows, columns: keySize, initialization: initialization.values(gates: 1),
          isWeight: true), width: keySize, dotAlgorithm: layout.dotAlgorithm)
    }
    query = score == .additive ? projection("query_weights", rows: hiddenSize) : nil
    key = score == .dot ? nil : projection("key_weights", rows: sourceSize)
    vector =
      score == .additive
      ? PaddedRow(
        layout.add(
          "\(path)/vector", rows: 1, columns: keySize,
          initialization: .normal(standardDeviation: 1 / Float(keySize).squareRoot()), isWeight: false),
        width: keySize) : nil
  }

  package func pack(_ engine: Engine, parameters: Matrix, worker: Int, workers: Int) {
    for projection in [query, key].compactMap(\.self) {
      projection.pack(engine, parameters: parameters, worker: worker, workers: workers)
    }
    if worker == 0 { vector?.pack(engine, parameters: parameters) }
  }

  /// Keys, queries, weights and contexts of a decoder's pass over a shard.
  package struct Pass {
    package var source: SourceMemory
    /// `[source positions, keys]`.
    let keys: Matrix
    /// W_q h `[positions, keys]`, additive.
    let queries: Matrix?
    /// a `[positions, steps of the longest source]`.
    package let weights: Matrix
    /// c `[positions, source]`.
    package let contexts: Matrix
  }

  /// Projects the keys and allocates memory for `positions` positions of the decoder.
  package func makePass(_ source: SourceMemory, positions: Int, _ shard: Shard) -> Pass {
    let arena = shard.arena
    var keys = source.values
    if let key {
      keys = arena.matrix(rows: source.values.rows, columns: keySize)
      key.forward(source.values, initial: .zero, into: keys, record: nil, shard)
    }
    return Pass(
      source: source, keys: keys,
      queries: query == nil ? nil : arena.matrix(rows: positions, columns: keySize),
      weights: arena.matrix(rows: positions, columns: source.spans.longest),
      contexts: arena.matrix(rows: positions, columns: sourceSize))
  }

  /// The contexts of one time step.
  ///
  /// - Parameters:
  ///   - hidden: h of the step's rows, the first ones of the shard.
  ///   - positions: The rows' positions at this step.
  package func forward(_ hidden: Matrix, _ positions: Range<Int>, _ pass: Pass, _ shard: Shard) {
    let kernels = shard.kernels
    let spans = pass.source.spans
    let weights = pass.weights.rows(positions)
    if let query, let vector, let queries = pass.queries?.rows(positions) {
      query.forward(hidden, initial: .zero, into: queries, record: nil, shard)
      kernels.additiveScores(
        queries: queries, keys: pass.keys, vector: vector.row, spans: spans, into: weights)
    } else {
      kernels.spanProducts(hidden, pass.keys, spans: spans, into: weights)
    }
    kernels.softmax(weights, spans: spans)
    kernels.spanSums(
      weights: weights, pass.source.values, spans: spans, into: pass.contexts.rows(positions))
  }

  /// Gradients accumulated over the steps of a backward pass.
  package struct BackwardPass {
    /// ∂L/∂(source values).
    package let source: Matrix
    /// ∂L/∂keys; the same as `source` if the keys are the source.
    let keys: Matrix
    /// ∂L/∂(W_q h) `[positions, keys]`, additive.
    let queries: Matrix?
    /// ∂L/∂v, one row per row of the shard.
    let vectors: Matrix?
    /// ∂L/∂scores of one step, and ∂L/∂h of one step.
    fileprivate let scores: Matrix
    fileprivate let hidden: Matrix
  }

  package func beginBackward(_ pass: Pass, _ shard: Shard) -> BackwardPass {
    let arena = shard.arena
    func zeros(rows: Int, columns: Int) -> Matrix {
      let result = arena.matrix(rows: rows, columns: columns)
      shard.kernels.fill(result, with: 0)
      return result
    }
    let rows = shard.layout.rows
    let source = zeros(rows: pass.source.values.rows, columns: sourceSize)
    return BackwardPass(
      source: source, keys: key == nil ? source : zeros(rows: pass.keys.rows, columns: keySize),
      queries: pass.queries.map { arena.matrix(like: $0) },
      vectors: vector == nil ? nil : zeros(rows: rows, columns: keySize),
      scores: arena.matrix(rows: rows, columns: pass.weights.columns),
      hidden: arena.matrix(rows: rows, columns: hiddenSize))
  }

  /// One time step backward.
  ///
  /// - Parameters:
  ///   - contextGradient: ∂L/∂c of the step's rows.
  ///   - hidden: h of the step's rows.
  ///   - hiddenGradient: ∂L/∂h through attention is added to it.
  package func backward(
    _ contextGradient: Matrix, hidden: Matrix, hiddenGradient: Matrix, _ positions: Range<Int>, _ pass: Pass,
    _ gradients: BackwardPass, _ shard: Shard
  ) {
    let kernels = shard.kernels
    let spans = pass.source.spans
    let weights = pass.weights.rows(positions)
    let scores = gradients.scores.rows(0..<positions.count)
    kernels.spanProducts(contextGradient, pass.source.values, spans: spans, into: scores)
    kernels.softmaxBackward(weights: weights, gradient: scores, spans: spans)
    kernels.addSpanProducts(weights: weights, contextGradient, spans: spans, to: gradients.source)
    if let query, let vector, let queries = pass.queries,
      let queryGradient = gradients.queries?.rows(positions),
      let vectors = gradients.vectors
    {
      kernels.additiveScoresBackward(
        scoreGradient: scores, queries: queries.rows(positions), keys: pass.keys, vector: vector.row,
        spans: spans, queryGradient: queryGradient, keyGradient: gradients.keys, vectorGradient: vectors)
      query.backward(queryGradient, initial: .result, into: hiddenGradient, record: nil, shard)
    } else {
      let part = gradients.hidden.rows(0..<positions.count)
      kernels.spanSums(weights: scores, pass.keys, spans: spans, into: part)
      kernels.add(part, to: hiddenGradient)
      kernels.addSpanProducts(weights: scores, hidden, spans: spans, to: gradients.keys)
    }
  }

  /// Gradients of the parameters, and of the source through its keys, after the last step.
  ///
  /// - Parameters:
  ///   - hidden: The states whose rows are h.
  ///   - rows: The row of `hidden` at each position.
  package func finishBackward(
    _ pass: Pass, _ gradients: BackwardPass, hidden: Matrix, rows: [Int32], _ shard: Shard
  ) {
    if let key {
      key.backward(gradients.keys, initial: .result, into: gradients.source, record: nil, shard)
      shard.outerProducts(
        [key.operand(pass.source.values, rows: nil, shard)], right: gradients.keys, width: keySize,
        index: pass.source.index)
    }
    if let query, let vector, let queries = gradients.queries, let vectors = gradients.vectors {
      shard.outerProducts(
        [query.operand(hidden, rows: rows, shard)], right: queries, width: keySize,
        index: shard.layout.lanePositions)
      shard.columnSums(
        values: vectors, factors: nil, width: keySize, rows: shard.layout.laneRows,
        outputs: shard.gradients(of: vector.parameter))
    }
  }
}
