import KernelInterface
import WeftTensor

/// Layer normalization of a cell state before its tanh, n = gain∘LN(c) + shift (Ba, Kiros and Hinton 2016,
/// equation 22). Its kept matrices must come first among those of the cell.
package struct CellStateNormalization: Sendable {
  private let gain: PaddedRow
  private let shift: PaddedRow

  /// Adds gain and shift to a layer's parameters; nil without layer normalization.
  init?(_ builder: inout CellBuilder) {
    guard builder.options.layerNormalization else { return nil }
    gain = builder.paddedRow("cell_gain", gates: 1, .constant(1))
    shift = builder.paddedRow("cell_shift", gates: 1, .zero)
  }

  func pack(_ engine: Engine, parameters: Matrix) {
    gain.pack(engine, parameters: parameters)
    shift.pack(engine, parameters: parameters)
  }

  /// Columns of LN(c), its inverse standard deviation, n, and ∂L/∂n.
  var kept: [Int] {
    let width = VectorWidth.padded(gain.width)
    return [width, 1, width, width]
  }

  /// The kept matrices of a pass.
  private struct Kept {
    let normalized: Matrix
    let inverseStandardDeviations: Matrix
    let output: Matrix
    let outputGradient: Matrix

    init(_ pass: RecurrentPass) {
      (normalized, inverseStandardDeviations) = (pass.kept[0], pass.kept[1])
      (output, outputGradient) = (pass.kept[2], pass.kept[3])
    }
  }

  /// n of a segment's positions, from c.
  func forward(_ cell: Matrix, _ segment: StepSegment, _ pass: RecurrentPass, _ shard: Shard) -> Matrix {
    let kept = Kept(pass)
    let normalized = kept.normalized.rows(segment.positions)
    let output = kept.output.rows(segment.positions)
    shard.kernels.normalizeRows(
      cell.padded, width: cell.columns, epsilon: NormalizationKind.standardEpsilon, normalized: normalized,
      inverseStandardDeviations: kept.inverseStandardDeviations.rows(segment.positions))
    shard.kernels.addScaled(
      normalized: normalized, gain: gain.row, initial: .row(shift.row), to: output)
    return output
  }

  /// n, and the destination of ∂L/∂n.
  func output(
    _ segment: StepSegment, _ pass: RecurrentPass
  ) -> (values: Matrix, gradient: Matrix) {
    let kept = Kept(pass)
    return (kept.output.rows(segment.positions), kept.outputGradient.rows(segment.positions))
  }

  /// ∂L/∂c through n, from ∂L/∂n.
  ///
  /// - Parameter result: Overwritten.
  func backward(
    _ segment: StepSegment, _ pass: RecurrentPass, into result: Matrix, _ shard: Shard
  ) {
    let kept = Kept(pass)
    shard.kernels.normalizeRowsBackward(
      gradient: kept.outputGradient.rows(segment.positions),
      normalized: kept.normalized.rows(segment.positions),
      gain: gain.row, inverseStandardDeviations: kept.inverseStandardDeviations.rows(segment.positions),
      width: result.columns,
      into: result.padded)
  }

  /// Stores the gradients of gain and shift after the whole backward pass.
  func accumulate(_ pass: RecurrentPass, _ shard: Shard) {
    let kept = Kept(pass)
    let index = pass.layout.lanePositions
    shard.columnSums(
      values: kept.outputGradient, factors: kept.normalized, width: gain.width, rows: index,
      outputs: shard.gradients(of: gain.parameter))
    shard.columnSums(
      values: kept.outputGradient, factors: nil, width: gain.width, rows: index,
      outputs: shard.gradients(of: shift.parameter))
  }
}
