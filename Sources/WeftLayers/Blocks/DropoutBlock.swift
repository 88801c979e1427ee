import KernelInterface
import WeftBase
import WeftTensor

/// Drops features in training, independently at every position, and scales the others by 1 / (1 − rate) (Srivastava et
/// al. 2014; Zaremba et al. 2014).
package struct DropoutBlock: Block {
  package let outputSize: Int
  let rate: Float
  /// Distinguishes the masks of the model's dropout blocks.
  let number: Int
  private static let purpose: UInt32 = 1 << 16

  package var activationBytes: Int { 2 * VectorWidth.padded(outputSize) * MemoryLayout<Float>.stride }

  package func forward(_ input: Steps<Matrix>, initial: RecurrentState?, _ shard: Shard) -> BlockPass {
    guard case .features(let values) = input else { preconditionFailure("dropout needs features") }
    guard let key = shard.dropoutKey, rate > 0 else {
      return BlockPass(input: input, output: values, shard: shard)
    }
    let mask = shard.arena.matrix(like: values)
    shard.kernels.dropoutMask(
      key: RandomKey(seed: key.seed, purpose: Self.purpose + UInt32(number), step: key.step),
      rows: shard.globalPositions, rate: rate, width: values.columns, into: mask)
    let result = shard.arena.matrix(like: values)
    shard.kernels.multiply(values, mask, into: result)
    return BlockPass(input: input, output: result, shard: shard, kept: [mask])
  }

  package func backward(
    _ pass: BlockPass, _ gradient: Matrix, into inputGradient: Matrix?, _ states: StateGradients,
    _ shard: Shard
  ) {
    guard let inputGradient else { return }
    if let mask = pass.kept.first {
      shard.kernels.multiply(gradient, mask, into: inputGradient)
    } else if inputGradient.pointer != gradient.pointer {
      shard.kernels.copy(gradient, into: inputGradient)
    }
  }
}
