import KernelInterface
import WeftTensor

/// Log-probabilities of many classes, in clusters by frequency (Grave et al. 2017): the head has the classes before the
/// first cutoff and one entry for each cluster, and each cluster a smaller projection of its own:
///
///     ln p(class)   = ln softmax(h W_head)(class)                                               before the first cutoff
///                   = ln softmax(h W_head)(cluster i) + ln softmax(h P_i W_i)(class in cluster)   after it
///
/// A loss computes only the clusters that have targets, so that most steps cost as much as the head. As PyTorch's
/// `AdaptiveLogSoftmaxWithLoss` without biases; P_i has a quarter of the columns of the matrix before it.
package struct AdaptiveSoftmax: Sendable {
  /// A cluster of rare classes.
  private struct Cluster: Sendable {
    let classes: Range<Int>
    /// P_i, `[inputs, size]`.
    let projection: Projection
    /// W_i, `[size, classes]`.
    let output: Projection
  }

  private let classes: Int
  private let head: Projection
  private let clusters: [Cluster]

  /// Columns of P_i are those before divided by this.
  private static let divisor = 4

  /// - Parameters:
  ///   - cutoffs: The first class of each cluster, ascending, from 1 to `classes` − 1.
  ///   - initialization: Of all matrices.
  package init(
    inputs: Int, classes: Int, cutoffs: [Int], initialization: Initialization, layout: inout ParameterLayout
  ) {
    func projection(_ name: String, _ rows: Int, _ columns: Int, _ layout: inout ParameterLayout)
      -> Projection
    {
      Projection(
        layout.add(
          "output/\(name)", rows: rows, columns: columns, initialization: initialization.values(gates: 1),
          isWeight: true), width: columns, dotAlgorithm: layout.dotAlgorithm)
    }
    self.classes = classes
    head = projection("head", inputs, cutoffs[0] + cutoffs.count, &layout)
    var clusters: [Cluster] = []
    var size = inputs
    for (number, range) in zip(cutoffs, cutoffs.dropFirst() + [classes]).enumerated() {
      size = max(1, size / Self.divisor)
      let own = range.0..<range.1
      clusters.append(
        Cluster(
          classes: own, projection: projection("cluster\(number)/projection", inputs, size, &layout),
          output: projection("cluster\(number)/weights", size, own.count, &layout)))
    }
    self.clusters = clusters
  }

  /// Offset of the first parameter.
  package var offset: Int { head.parameter.offset }

  /// Bytes of weights that all log-probabilities read.
  package var forwardBytes: Int { projections.reduce(0) { $0 + $1.forwardBytes } }

  /// Bytes of activations of a position: of the head and the largest cluster, with gradients.
  package var activationBytes: Int {
    let largest = clusters.map { $0.output.outputs + $0.projection.outputs }.max() ?? 0
    return 2 * (head.outputs + largest + head.inputs) * MemoryLayout<Float>.stride
  }

  private var projections: [Projection] { [head] + clusters.flatMap { [$0.projection, $0.output] } }

  /// Classes before the first cutoff.
  private var shortlist: Int { clusters[0].classes.lowerBound }

  /// Packs worker `worker`'s share of the weights.
  package func pack(_ engine: Engine, parameters: Matrix, worker: Int, workers: Int) {
    for projection in projections {
      projection.pack(engine, parameters: parameters, worker: worker, workers: workers)
    }
  }

  /// Computes the cross-entropies of the targets and, if gradients are wanted, those of the weights and the states.
  ///
  /// - Parameters:
  ///   - states: `[P, inputs]`.
  ///   - targets: The class of each position; negative to ignore it.
  ///   - scale: Factor of gradients; 0 for none.
  ///   - losses: `[1, P]`.
  ///   - correct: `[1, P]`, without gradients receives 1 where the most probable class is the target, otherwise 0:
  ///     training would have to compute clusters without targets for it.
  ///   - gradient: `[P, inputs]`, receives that of the states.
  ///   - index: Positions by lane.
  package func evaluate(
    _ states: Matrix, targets: [Int32], scale: Float, losses: Matrix, correct: Matrix, gradient: Matrix,
    index: LaneIndex, _ shard: Shard
  ) {
    let logits = shard.arena.matrix(rows: states.rows, columns: head.width)
    head.forward(states, initial: .zero, into: logits, record: nil, shard)
    shard.kernels.softmaxCrossEntropy(
      logits: logits, classes: head.width, targets: targets.map(headTarget), labelSmoothing: 0,
      gradientScale: scale, losses: losses, correct: correct)
    let wantsGradients = scale != 0 && shard.wantsGradients
    for position in 0..<states.rows { correct[0, position] = 0 }
    if scale == 0 { findCorrect(states, entries: logits, targets, into: correct, shard) }
    if wantsGradients {
      head.backward(logits, initial: .zero, into: gradient, record: nil, shard)
      shard.outerProducts(
        [head.operand(states, rows: nil, shard)], right: logits, width: head.width, index: index)
    }
    for cluster in clusters {
      let positions = targets.indices.filter { cluster.classes.contains(Int(targets[$0])) }
      // Without positions there are gradients of zero still to be written.
      if positions.isEmpty, !wantsGradients { continue }
      let rows = max(positions.count, 1)
      func matrix(_ columns: Int) -> Matrix {
        shard.arena.matrix(rows: rows, columns: columns).rows(0..<positions.count)
      }
      let (own, projected) = (matrix(states.columns), matrix(cluster.projection.width))
      let outputs = matrix(cluster.classes.count)
      let places = positions.map(Int32.init)
      shard.kernels.gatherRows(table: states, indices: places, into: own)
      cluster.projection.forward(own, initial: .zero, into: projected, record: nil, shard)
      cluster.output.forward(projected, initial: .zero, into: outputs, record: nil, shard)
      let ownLosses = shard.arena.matrix(rows: 1, columns: rows)
      let ownCorrect = shard.arena.matrix(rows: 1, columns: rows)
      shard.kernels.softmaxCrossEntropy(
        logits: outputs, classes: cluster.classes.count,
        targets: positions.map { targets[$0] - Int32(cluster.classes.lowerBound) }, labelSmoothing: 0,
        gradientScale: scale, losses: ownLosses, correct: ownCorrect)
      for (row, position) in positions.enumerated() { losses[0, position] += ownLosses[0, row] }
      guard wantsGradients else { continue }
      let (projectedGradient, ownGradient) = (matrix(cluster.projection.width), matrix(states.columns))
      let lanes = index.selecting(positions)
      cluster.output.backward(outputs, initial: .zero, into: projectedGradient, record: nil, shard)
      shard.outerProducts(
        [cluster.output.operand(projected, rows: nil, shard)], right: outputs, width: cluster.classes.count,
        index: lanes)
      shard.outerProducts(
        [cluster.projection.operand(own, rows: nil, shard)], right: projectedGradient,
        width: cluster.projection.width, index: lanes)
      if positions.isEmpty { continue }
      shard.kernels.gatherRows(table: gradient, indices: places, into: ownGradient)
      cluster.projection.backward(
        projectedGradient, initial: .result, into: ownGradient, record: nil, shard)
      shard.kernels.scatterRows(ownGradient, to: places, of: gradient)
    }
  }

  /// Tells where the most probable class is the target. A cluster is computed for the positions at which it is more
  /// probable than the best class so far, as no class is more probable than its cluster.
  ///
  /// - Parameter entries: Logits of the head.
  private func findCorrect(
    _ states: Matrix, entries: Matrix, _ targets: [Int32], into correct: Matrix, _ shard: Shard
  ) {
    var best = (0..<states.rows).map { position in
      (0..<shortlist).reduce(into: (target: 0, score: -Float.infinity)) { best, column in
        if entries[position, column] > best.score { best = (column, entries[position, column]) }
      }
    }
    for (number, cluster) in clusters.enumerated() {
      let positions = best.indices.filter { entries[$0, shortlist + number] > best[$0].score }
      if positions.isEmpty { continue }
      let own = shard.arena.matrix(rows: positions.count, columns: states.columns)
      shard.kernels.gatherRows(table: states, indices: positions.map(Int32.init), into: own)
      let projected = shard.arena.matrix(rows: positions.count, columns: cluster.projection.width)
      cluster.projection.forward(own, initial: .zero, into: projected, record: nil, shard)
      let logarithms = logSoftmax(cluster.output, projected, shard)
      for (row, position) in positions.enumerated() {
        let ofCluster = entries[position, shortlist + number]
        for (column, target) in cluster.classes.enumerated()
        where ofCluster + logarithms[row, column] > best[position].score {
          best[position] = (target, ofCluster + logarithms[row, column])
        }
      }
    }
    for (position, target) in targets.enumerated() where target >= 0 && best[position].target == Int(target) {
      correct[0, position] = 1
    }
  }

  /// The entry of the head for a class: itself, or its cluster.
  private func headTarget(_ target: Int32) -> Int32 {
    guard target >= Int32(shortlist),
      let cluster = clusters.firstIndex(where: { $0.classes.contains(Int(target)) })
    else { return target }
    return Int32(shortlist + cluster)
  }

  /// Computes the log-probabilities of all classes.
  ///
  /// - Parameters:
  ///   - states: `[P, inputs]`.
  ///   - result: `[P, classes]`.
  package func logProbabilities(_ states: Matrix, into result: Matrix, _ shard: Shard) {
    let entries = logSoftmax(head, states, shard)
    for row in 0..<states.rows {
      for column in 0..<shortlist { result[row, column] = entries[row, column] }
    }
    for (number, cluster) in clusters.enumerated() {
      let projected = shard.arena.matrix(rows: states.rows, columns: cluster.projection.width)
      cluster.projection.forward(states, initial: .zero, into: projected, record: nil, shard)
      let own = logSoftmax(cluster.output, projected, shard)
      for row in 0..<states.rows {
        let ofCluster = entries[row, shortlist + number]
        for (column, target) in cluster.classes.enumerated() {
          result[row, target] = ofCluster + own[row, column]
        }
      }
    }
  }

  private func logSoftmax(_ projection: Projection, _ inputs: Matrix, _ shard: Shard) -> Matrix {
    let logits = shard.arena.matrix(rows: inputs.rows, columns: projection.width)
    projection.forward(inputs, initial: .zero, into: logits, record: nil, shard)
    shard.kernels.softmax(logits, classes: projection.width)
    shard.kernels.applyNaturalLogarithm(logits)
    return logits
  }
}

extension LaneIndex {
  /// The places of some rows in their list, by lane, in the order of this index.
  ///
  /// - Parameter selected: Rows, ascending.
  func selecting(_ selected: [Int]) -> LaneIndex {
    let places = Dictionary(uniqueKeysWithValues: selected.enumerated().map { (Int32($1), Int32($0)) })
    var starts = [0]
    var chosen: [Int32] = []
    for lane in 0..<lanes {
      chosen += rows[self.starts[lane]..<self.starts[lane + 1]].compactMap { places[$0] }
      starts.append(chosen.count)
    }
    return LaneIndex(starts: starts, rows: chosen)
  }
}
