import KernelInterface
import WeftBase
import WeftConfiguration
import WeftTensor

/// Combination of the states of both directions.
public enum DirectionMerge: String, CaseIterable, Codable, Sendable, ConfigurationChoice {
  /// Side by side.
  case concatenate
  /// Their sum.
  case sum
  /// Their mean.
  case mean
  /// Their product.
  case product
}

/// Combines the two halves of the features, the states of both directions, into one of their size.
package struct MergeBlock: Block {
  let merge: DirectionMerge
  package let outputSize: Int

  package var activationBytes: Int { 5 * VectorWidth.padded(outputSize) * MemoryLayout<Float>.stride }
  package var canOverwriteGradient: Bool { false }

  package func forward(_ input: Steps<Matrix>, initial: RecurrentState?, _ shard: Shard) -> BlockPass {
    guard case .features(let values) = input else { preconditionFailure("states are features") }
    let (arena, kernels) = (shard.arena, shard.kernels)
    let halves = (0..<2).map { _ in arena.matrix(rows: values.rows, columns: outputSize) }
    kernels.split(values, into: halves[0], halves[1])
    let result = arena.matrix(like: halves[0])
    if merge == .product {
      kernels.multiply(halves[0], halves[1], into: result)
    } else {
      kernels.copy(halves[0], into: result)
      kernels.add(halves[1], to: result)
      if merge == .mean { kernels.scale(result, by: 0.5) }
    }
    return BlockPass(input: input, output: result, shard: shard, kept: halves)
  }

  package func backward(
    _ pass: BlockPass, _ gradient: Matrix, into inputGradient: Matrix?, _ states: StateGradients,
    _ shard: Shard
  ) {
    guard let inputGradient else { return }
    let (arena, kernels) = (shard.arena, shard.kernels)
    if merge == .product {
      let parts = pass.kept.map { half in
        let part = arena.matrix(like: half)
        kernels.multiply(gradient, half, into: part)
        return part
      }
      kernels.concatenate(parts[1], parts[0], into: inputGradient)
    } else {
      if merge == .mean { kernels.scale(gradient, by: 0.5) }
      kernels.concatenate(gradient, gradient, into: inputGradient)
    }
  }
}
