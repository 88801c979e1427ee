import KernelInterface
import WeftBase
import WeftTensor

/// y = x + t ∘ (f(x) − x) with t = σ(W x + b), where f are the blocks inside (Srivastava, Greff and Schmidhuber 2015,
/// equation 3).
package struct HighwayBlock: Block {
  package let inner: BlockStack
  /// t, a dense block.
  private let gate: DenseBlock

  /// - Parameter path: Prefix of the names of W and b: `weights` and `bias`, which is initialized to −1 so that the
  ///   inputs pass at first.
  init(_ inner: BlockStack, path: String, initialization: Initialization, layout: inout ParameterLayout) {
    self.inner = inner
    gate = DenseBlock(
      path: path, inputSize: inner.outputSize, units: inner.outputSize, activation: .sigmoid,
      initialization: initialization, initialBias: .constant(-1), layout: &layout)
  }

  package var outputSize: Int { inner.outputSize }
  package var recurrent: [RecurrentBlock] { inner.recurrent }
  package var batchNormalizations: [BatchNormalizationBlock] { inner.batchNormalizations }
  package var firstParameter: Int? { inner.firstParameter ?? gate.firstParameter }
  package var stepWeightBytes: Int { max(inner.stepWeightBytes, gate.stepWeightBytes) }
  package var canOverwriteGradient: Bool { false }
  package var canBeStepped: Bool { inner.canBeStepped }
  package var canBeSegmented: Bool { inner.canBeSegmented }

  package var activationBytes: Int {
    inner.activationBytes + gate.activationBytes
      + 6 * VectorWidth.padded(outputSize) * MemoryLayout<Float>.stride
  }

  package func pack(_ engine: Engine, parameters: Matrix, worker: Int, workers: Int) {
    inner.pack(engine, parameters: parameters, worker: worker, workers: workers)
    gate.pack(engine, parameters: parameters, worker: worker, workers: workers)
  }

  package func forward(_ input: Steps<Matrix>, initial: RecurrentState?, _ shard: Shard) -> BlockPass {
    let pass = inner.forward(input, initial: initial, shard)
    let opening = gate.forward(input, initial: nil, shard)
    let (output, difference) = mix(input, pass.output, opening.output, shard)
    return BlockPass(input: input, output: output, shard: shard, kept: [difference], parts: [pass, opening])
  }

  package func backward(
    _ pass: BlockPass, _ gradient: Matrix, into inputGradient: Matrix?, _ states: StateGradients,
    _ shard: Shard
  ) {
    let (arena, kernels) = (shard.arena, shard.kernels)
    let opening = pass.parts[1]
    let gateGradient = arena.matrix(like: gradient)
    kernels.multiply(gradient, pass.kept[0], into: gateGradient)
    let through = arena.matrix(like: gradient)
    kernels.multiply(gradient, opening.output, into: through)
    // The part of the gradient that passes by: dy ∘ (1 − t).
    let passing = arena.matrix(like: gradient)
    kernels.copy(through, into: passing)
    kernels.scale(passing, by: -1)
    kernels.add(gradient, to: passing)
    inner.backward(pass.parts[0], through, into: inputGradient, states, shard)
    let gateInput = inputGradient.map { arena.matrix(like: $0) }
    gate.backward(opening, gateGradient, into: gateInput, states, shard)
    if let inputGradient, let gateInput {
      kernels.add(passing, to: inputGradient)
      kernels.add(gateInput, to: inputGradient)
    }
  }

  package func step(_ input: Steps<Matrix>, _ steps: SingleSteps) -> Matrix {
    let opening = gate.step(input, steps)
    return mix(input, inner.step(input, steps), opening, steps.scratch).output
  }

  /// y, and f(x) − x.
  private func mix(
    _ input: Steps<Matrix>, _ output: Matrix, _ gate: Matrix, _ shard: Shard
  ) -> (output: Matrix, difference: Matrix) {
    guard case .features(let values) = input else { preconditionFailure("a highway is of features") }
    let (arena, kernels) = (shard.arena, shard.kernels)
    let difference = arena.matrix(like: values)
    kernels.copy(values, into: difference)
    kernels.scale(difference, by: -1)
    kernels.add(output, to: difference)
    let result = arena.matrix(like: values)
    kernels.copy(values, into: result)
    kernels.addProduct(gate, difference, to: result)
    return (result, difference)
  }
}
