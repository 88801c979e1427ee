import KernelInterface
import WeftBase
import WeftTensor

/// Layer normalization of every position: y = gain ∘ (x − mean) / √(variance + ε) + bias, with the mean and variance
/// of the position's features (Ba, Kiros and Hinton 2016).
package struct NormalizationBlock: Block {
  package let outputSize: Int
  private let epsilon: Float
  private let gain: PaddedRow
  private let bias: PaddedRow

  /// - Parameters:
  ///   - path: Prefix of the parameter names `gain` and `bias`.
  ///   - epsilon: ε, added to the variance.
  init(path: String, inputSize: Int, epsilon: Float, layout: inout ParameterLayout) {
    outputSize = inputSize
    self.epsilon = epsilon
    gain = PaddedRow(
      layout.add("\(path)/gain", rows: 1, columns: inputSize, initialization: .constant(1), isWeight: false),
      width: inputSize)
    bias = PaddedRow(
      layout.add("\(path)/bias", rows: 1, columns: inputSize, initialization: .zero, isWeight: false),
      width: inputSize)
  }

  package var firstParameter: Int? { gain.parameter.offset }

  package var activationBytes: Int {
    (3 * VectorWidth.padded(outputSize) + VectorWidth.padded(1)) * MemoryLayout<Float>.stride
  }

  package func pack(_ engine: Engine, parameters: Matrix, worker: Int, workers: Int) {
    guard worker == 0 else { return }
    gain.pack(engine, parameters: parameters)
    bias.pack(engine, parameters: parameters)
  }

  package func forward(_ input: Steps<Matrix>, initial: RecurrentState?, _ shard: Shard) -> BlockPass {
    guard case .features(let values) = input else { preconditionFailure("normalization needs features") }
    let normalized = shard.arena.matrix(like: values)
    let deviations = shard.arena.matrix(rows: values.rows, columns: 1)
    let output = shard.arena.matrix(like: values)
    shard.kernels.normalizeRows(
      values.padded, width: outputSize, epsilon: epsilon, normalized: normalized.padded,
      inverseStandardDeviations: deviations)
    shard.kernels.addScaled(
      normalized: normalized.padded, gain: gain.row, initial: .row(bias.row), to: output.padded)
    return BlockPass(input: input, output: output, shard: shard, kept: [normalized, deviations])
  }

  package func backward(
    _ pass: BlockPass, _ gradient: Matrix, into inputGradient: Matrix?, _ states: StateGradients,
    _ shard: Shard
  ) {
    let normalized = pass.kept[0]
    if shard.wantsGradients {
      let positions = shard.layout.lanePositions
      shard.columnSums(
        values: gradient, factors: normalized, width: outputSize, rows: positions,
        outputs: shard.gradients(of: gain.parameter))
      shard.columnSums(
        values: gradient, factors: nil, width: outputSize, rows: positions,
        outputs: shard.gradients(of: bias.parameter))
    }
    if let inputGradient {
      shard.kernels.normalizeRowsBackward(
        gradient: gradient.padded, normalized: normalized.padded, gain: gain.row,
        inverseStandardDeviations: pass.kept[1], width: outputSize, into: inputGradient.padded)
    }
  }
}
