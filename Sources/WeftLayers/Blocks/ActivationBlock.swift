import KernelInterface
import WeftBase
import WeftTensor

/// y = f(x) for each feature, at every position or per sequence after pooling.
package struct ActivationBlock: Block {
  package let outputSize: Int
  let activation: Activation

  package var activationBytes: Int { VectorWidth.padded(outputSize) * MemoryLayout<Float>.stride }

  package func forward(_ input: Steps<Matrix>, initial: RecurrentState?, _ shard: Shard) -> BlockPass {
    guard case .features(let values) = input else { preconditionFailure("an activation needs features") }
    let output = shard.arena.matrix(like: values)
    shard.kernels.activate(activation, values, into: output)
    return BlockPass(
      input: input, output: output, shard: shard, kept: [activation.gradientReadsInputs ? values : output])
  }

  package func backward(
    _ pass: BlockPass, _ gradient: Matrix, into inputGradient: Matrix?, _ states: StateGradients,
    _ shard: Shard
  ) {
    guard let inputGradient else { return }
    shard.kernels.activateBackward(activation, gradient, values: pass.kept[0])
    if inputGradient.pointer != gradient.pointer { shard.kernels.copy(gradient, into: inputGradient) }
  }
}
