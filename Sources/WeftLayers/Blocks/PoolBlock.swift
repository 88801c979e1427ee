import KernelInterface
import WeftBase
import WeftConfiguration
import WeftTensor

/// Pooling of a sequence into one vector.
public enum PoolKind: String, CaseIterable, Codable, Sendable, ConfigurationChoice {
  /// The final state of each direction.
  case last
  /// The last step, in both directions.
  case lastPosition = "last-position"
  /// The mean of all steps.
  case mean
  /// The maximum of each feature over all steps.
  case maximum
  /// A mean weighted by attention.
  case attention
}

/// Pools each sequence into a single step.
package struct PoolBlock: Block {
  let kind: PoolKind
  package let outputSize: Int
  /// The directions whose states the features are, side by side and of equal size.
  let directions: [Direction]
  /// Of `attention`.
  let attention: AttentionPooling?

  /// - Parameter attention: Required by the kind of that name.
  init(_ kind: PoolKind, inputSize: Int, directions: [Direction], attention: AttentionPooling? = nil) {
    precondition((kind == .attention) == (attention != nil) && inputSize % directions.count == 0)
    self.kind = kind
    outputSize = inputSize
    self.directions = kind == .last ? directions : [.forward]
    self.attention = attention
  }

  package var firstParameter: Int? { attention?.firstParameter }
  package var canOverwriteGradient: Bool { false }
  /// A sequence that ends with a step has its output.
  package var canBeStepped: Bool { canBeSegmented }
  package var canBeSegmented: Bool { directions == [.forward] && [.last, .lastPosition].contains(kind) }

  package var activationBytes: Int {
    let scores = attention.map { 2 * VectorWidth.padded($0.size) + 2 * VectorWidth.padded(1) } ?? 0
    return (scores + VectorWidth.padded(outputSize)) * MemoryLayout<Float>.stride
  }

  package func outputLength(_ length: Int) -> Int { 1 }

  package func pack(_ engine: Engine, parameters: Matrix, worker: Int, workers: Int) {
    attention?.pack(engine, parameters: parameters, worker: worker, workers: workers)
  }

  package func forward(_ input: Steps<Matrix>, initial: RecurrentState?, _ shard: Shard) -> BlockPass {
    guard case .features(let values) = input else { preconditionFailure("pooling needs features") }
    let (arena, kernels, layout) = (shard.arena, shard.kernels, shard.layout)
    let pooled = shard.shortened(to: [Int](repeating: 1, count: layout.rows))
    if let attention {
      let pass = attention.forward(values, shard)
      return BlockPass(
        input: input, output: pass.result, shard: pooled, kept: [pass.compared, pass.weights])
    }
    let result = arena.matrix(rows: layout.rows, columns: outputSize)
    switch kind {
    case .last, .lastPosition:
      for (columns, positions) in finalPlaces(layout) {
        kernels.gatherRows(
          table: values.columns(columns), indices: positions, into: result.columns(columns))
      }
    case .mean, .attention:
      kernels.pool(values, weights: nil, starts: layout.starts, lengths: layout.lengths, into: result)
    case .maximum:
      kernels.poolMaximum(values, starts: layout.starts, lengths: layout.lengths, into: result)
    }
    return BlockPass(input: input, output: result, shard: pooled)
  }

  package func backward(
    _ pass: BlockPass, _ gradient: Matrix, into inputGradient: Matrix?, _ states: StateGradients,
    _ shard: Shard
  ) {
    let (arena, kernels, layout) = (shard.arena, shard.kernels, shard.layout)
    let values = pass.features
    if let attention {
      let saved = AttentionPooling.Pass(
        states: values, compared: pass.kept[0], weights: pass.kept[1], result: pass.output)
      attention.backward(saved, gradient, into: inputGradient ?? arena.matrix(like: values), shard)
      return
    }
    guard let inputGradient else { return }
    switch kind {
    case .last, .lastPosition:
      kernels.fill(inputGradient, with: 0)
      for (columns, positions) in finalPlaces(layout) {
        kernels.scatterRows(gradient.columns(columns), to: positions, of: inputGradient.columns(columns))
      }
    case .mean, .attention:
      kernels.poolBackward(
        gradient, values: values, weights: nil, starts: layout.starts, lengths: layout.lengths,
        valueGradient: inputGradient, scoreGradient: nil)
    case .maximum:
      kernels.poolMaximumBackward(
        gradient, values: values, maxima: pass.output, starts: layout.starts, lengths: layout.lengths,
        into: inputGradient)
    }
  }

  /// The columns of each direction, and the position of each row's final step in it.
  private func finalPlaces(_ layout: SequenceLayout) -> [(columns: Range<Int>, positions: [Int32])] {
    let size = outputSize / directions.count
    return directions.enumerated().map { index, direction in
      (index * size..<(index + 1) * size, layout.finalPositions(direction))
    }
  }
}
