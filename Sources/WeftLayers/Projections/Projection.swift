import KernelInterface
import WeftBase
import WeftTensor

/// y = [LN](x W), with optional layer normalization of each gate: the one place where layers multiply matrices.
///
/// W is `[inputs, gates × width]`, or some of a parameter's columns. Its two packed forms are made once per
/// optimizer step and shared by all time steps and workers.
package struct Projection: Sendable {
  package let parameter: Parameter
  /// Rows and columns of the parameter that this projection multiplies with.
  package let rows: Range<Int>
  package let columns: Range<Int>
  package let inputs: Int
  /// Units of one gate.
  package let width: Int
  package let gain: PaddedRow?
  /// What drops weights of the parameter; nil for nothing.
  private let dropConnect: DropConnect?
  /// Whether W is the parameter's transpose, as for tied weights.
  package let isTransposed: Bool
  /// W for products with inputs, and Wᵀ for products with gradients.
  private let packed: PackedOperand
  private let packedTransposed: PackedOperand
  /// The memory of both.
  private let storage: [AlignedMemory]

  /// - Parameters:
  ///   - parameter: `[inputs, gates × width]`, or `[width, inputs]` if transposed.
  ///   - rows: Rows of the parameter; nil means all.
  ///   - columns: Whole gates of the parameter; nil means all.
  ///   - gain: Gain of layer normalization for these columns.
  ///   - dotAlgorithm: How products are computed, as the parameter's layout names it.
  package init(
    _ parameter: Parameter, width: Int, rows: Range<Int>? = nil, columns: Range<Int>? = nil,
    gain: PaddedRow? = nil, isTransposed: Bool = false, dropConnect: DropConnect? = nil,
    dotAlgorithm: DotAlgorithm
  ) {
    self.parameter = parameter
    self.rows = rows ?? 0..<parameter.rows
    self.dropConnect = dropConnect
    self.columns = columns ?? 0..<parameter.columns
    self.width = width
    self.gain = gain
    self.isTransposed = isTransposed
    inputs = isTransposed ? parameter.columns : self.rows.count
    let gates = isTransposed ? 1 : self.columns.count / width
    precondition(gates * width == (isTransposed ? parameter.rows : self.columns.count))
    let outputs = gates * VectorWidth.padded(width)
    func operand(depth: Int, columns: Int) -> (PackedOperand, AlignedMemory) {
      let memory = AlignedMemory(
        byteCount: PackedOperand.byteCount(dotAlgorithm, depth: depth, columns: columns))
      return (PackedOperand(dotAlgorithm, depth: depth, columns: columns, memory: memory.bytes), memory)
    }
    let (forward, forwardMemory) = operand(depth: inputs, columns: outputs)
    let (backward, backwardMemory) = operand(depth: outputs, columns: inputs)
    (packed, packedTransposed) = (forward, backward)
    storage = [forwardMemory, backwardMemory]
  }

  /// Columns of the result, gates padded.
  package var outputs: Int { packedTransposed.depth }

  /// How its products are computed.
  var dotAlgorithm: DotAlgorithm { packed.algorithm }

  /// Bytes of weights that a forward product reads.
  package var forwardBytes: Int { packed.byteCount }

  /// Packs worker `worker`'s share of the panels.
  package func pack(_ engine: Engine, parameters: Matrix, worker: Int, workers: Int) {
    precondition(engine.dotAlgorithm == packed.algorithm)
    let source = (dropConnect?.weights ?? parameter.matrix(in: parameters)).rows(rows).columns(columns)
    let forward = share(of: packed.panels, worker: worker, workers: workers)
    let backward = share(of: packedTransposed.panels, worker: worker, workers: workers)
    if isTransposed {
      engine.dot.packTransposed(source, width: inputs, into: packed, panels: forward)
      engine.dot.pack(source, width: inputs, into: packedTransposed, panels: backward)
    } else {
      engine.dot.pack(source, width: width, into: packed, panels: forward)
      engine.dot.packTransposed(source, width: width, into: packedTransposed, panels: backward)
    }
    if worker == 0 { gain?.pack(engine, parameters: parameters) }
  }

  /// Data saved by `forward` for `backward` with layer normalization, one row per position.
  package struct Record {
    let normalized: Matrix
    let deviations: Matrix
    let rawGradient: Matrix

    /// The record's rows in `range`.
    func rows(_ range: Range<Int>) -> Record {
      Record(
        normalized: normalized.rows(range), deviations: deviations.rows(range),
        rawGradient: rawGradient.rows(range))
    }
  }

  /// Memory for a record; nil without normalization.
  package func record(rows: Int, arena: Arena) -> Record? {
    guard gain != nil else { return nil }
    return Record(
      normalized: arena.matrix(rows: rows, columns: outputs),
      deviations: arena.matrix(rows: rows, columns: gates),
      rawGradient: arena.matrix(rows: rows, columns: outputs))
  }

  /// Bytes of a record for one position.
  package var recordBytes: Int {
    gain == nil ? 0 : (2 * outputs + VectorWidth.padded(gates)) * MemoryLayout<Float>.stride
  }

  /// Gates side by side in the result.
  var gates: Int { outputs / VectorWidth.padded(width) }

  /// target = initial + [LN](input W).
  ///
  /// - Parameter isZero: Whether the input is known to be zero, and need not be multiplied.
  package func forward(
    _ input: Matrix, isZero: Bool = false, initial: InitialValue, into target: Matrix, record: Record?,
    _ shard: Shard
  ) {
    guard let gain, let record else {
      if isZero {
        shard.kernels.initialize(target.padded, from: initial)
      } else {
        shard.multiply(input, packed, initial: initial, into: target)
      }
      return
    }
    shard.multiply(input, packed, initial: .zero, into: record.normalized)
    shard.kernels.normalizeRows(
      record.normalized, width: width, epsilon: NormalizationKind.standardEpsilon,
      normalized: record.normalized, inverseStandardDeviations: record.deviations)
    shard.kernels.addScaled(normalized: record.normalized, gain: gain.row, initial: initial, to: target)
  }

  /// `forward` outside a shard, without normalization.
  package func apply(_ input: Matrix, initial: InitialValue, into target: Matrix, _ engine: Engine) {
    multiply(input, packed, initial: initial, into: target, engine)
  }

  /// `backward` outside a shard, without normalization.
  package func applyTransposed(_ gradient: Matrix, into inputGradient: Matrix, _ engine: Engine) {
    multiply(gradient, packedTransposed, initial: .zero, into: inputGradient, engine)
  }

  private func multiply(
    _ left: Matrix, _ right: PackedOperand, initial: InitialValue, into result: Matrix, _ engine: Engine
  ) {
    let scratch = AlignedMemory(
      byteCount: engine.dot.multiplyScratchByteCount(rows: left.rows, depth: right.depth))
    engine.dot.multiply(
      left, right, initial: initial, into: result, blocks: engine.blocks, scratch: scratch.bytes)
    withExtendedLifetime(scratch) {}
  }

  /// inputGradient = initial + the gradient with respect to x, from `gradient`, that with respect to y.
  package func backward(
    _ gradient: Matrix, initial: InitialValue, into inputGradient: Matrix, record: Record?, _ shard: Shard
  ) {
    normalizeBackward(gradient, record: record, shard)
    shard.multiply(
      record?.rawGradient ?? gradient, packedTransposed, initial: initial, into: inputGradient)
  }

  /// Fills the record's raw gradient; `backward` does this too.
  package func normalizeBackward(_ gradient: Matrix, record: Record?, _ shard: Shard) {
    guard let gain, let record else { return }
    shard.kernels.normalizeRowsBackward(
      gradient: gradient, normalized: record.normalized, gain: gain.row,
      inverseStandardDeviations: record.deviations, width: width, into: record.rawGradient)
  }

  /// The operand of this projection's weight gradients, in addition to the gradient with respect to y.
  ///
  /// - Parameters:
  ///   - inputs: What `forward` read; position p's row is `inputRows[p]`, or p.
  ///   - gates: The gates that the gradient is of; nil means all.
  package func operand(
    _ inputs: Matrix, rows inputRows: [Int32]?, gates: Range<Int>? = nil, _ shard: Shard
  ) -> (operand: OuterOperand, outputs: [Matrix]) {
    precondition(!isTransposed, "a tied parameter's gradient is accumulated by its owner")
    let first = columns.lowerBound
    let part = gates.map { first + $0.lowerBound * width..<first + $0.upperBound * width } ?? columns
    return (
      OuterOperand(inputs, rows: inputRows),
      shard.gradients.map { parameter.matrix(in: $0).rows(rows).columns(part) }
    )
  }

  /// Stores the gain's gradients of all positions and, as their raw gradient is like no other, the weights'.
  ///
  /// - Parameters:
  ///   - gradient: With respect to y, a row a position.
  package func accumulateNormalized(
    inputs: Matrix, inputRows: [Int32]?, gradient: Matrix, record: Record, index: LaneIndex, _ shard: Shard
  ) {
    guard let gain else { return }
    shard.outerProducts(
      [operand(inputs, rows: inputRows, shard)], right: record.rawGradient, width: width, index: index)
    shard.columnSums(
      values: gradient, factors: record.normalized, width: width, rows: index,
      outputs: shard.gradients.map { gain.view(in: $0) })
  }
}
