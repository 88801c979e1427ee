import KernelInterface
import WeftBase
import WeftTensor

/// y = x + f(x), where f are the blocks inside (He et al. 2016).
package struct ResidualBlock: Block {
  package let inner: BlockStack

  package var outputSize: Int { inner.outputSize }
  package var recurrent: [RecurrentBlock] { inner.recurrent }
  package var batchNormalizations: [BatchNormalizationBlock] { inner.batchNormalizations }
  package var firstParameter: Int? { inner.firstParameter }
  package var stepWeightBytes: Int { inner.stepWeightBytes }
  package var canOverwriteGradient: Bool { false }
  package var canBeStepped: Bool { inner.canBeStepped }
  package var canBeSegmented: Bool { inner.canBeSegmented }

  package var activationBytes: Int {
    inner.activationBytes + 2 * VectorWidth.padded(outputSize) * MemoryLayout<Float>.stride
  }

  package func pack(_ engine: Engine, parameters: Matrix, worker: Int, workers: Int) {
    inner.pack(engine, parameters: parameters, worker: worker, workers: workers)
  }

  package func forward(_ input: Steps<Matrix>, initial: RecurrentState?, _ shard: Shard) -> BlockPass {
    let pass = inner.forward(input, initial: initial, shard)
    return BlockPass(input: input, output: sum(input, pass.output, shard), shard: shard, parts: [pass])
  }

  package func backward(
    _ pass: BlockPass, _ gradient: Matrix, into inputGradient: Matrix?, _ states: StateGradients,
    _ shard: Shard
  ) {
    let through = shard.arena.matrix(like: gradient)
    shard.kernels.copy(gradient, into: through)
    inner.backward(pass.parts[0], through, into: inputGradient, states, shard)
    if let inputGradient { shard.kernels.add(gradient, to: inputGradient) }
  }

  package func step(_ input: Steps<Matrix>, _ steps: SingleSteps) -> Matrix {
    sum(input, inner.step(input, steps), steps.scratch)
  }

  private func sum(_ input: Steps<Matrix>, _ output: Matrix, _ shard: Shard) -> Matrix {
    guard case .features(let values) = input else { preconditionFailure("a residual is of features") }
    let result = shard.arena.matrix(like: values)
    shard.kernels.copy(values, into: result)
    shard.kernels.add(output, to: result)
    return result
  }
}
