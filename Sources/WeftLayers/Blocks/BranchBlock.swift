import KernelInterface
import WeftBase
import WeftTensor

/// Stacks of blocks that read the same input side by side, and whose outputs are merged.
package struct BranchBlock: Block {
  let branches: [BlockStack]
  let merge: DirectionMerge
  package let outputSize: Int
  private let inputSize: Int

  /// - Parameters:
  ///   - branches: At least one; all leave the same steps and, unless they are concatenated, as many features.
  ///   - inputSize: Features per position of their input.
  init(_ branches: [BlockStack], merge: DirectionMerge, inputSize: Int) {
    self.branches = branches
    self.merge = merge
    self.inputSize = inputSize
    outputSize =
      merge == .concatenate ? branches.reduce(0) { $0 + $1.outputSize } : branches.first?.outputSize ?? 0
  }

  package var recurrent: [RecurrentBlock] { branches.flatMap(\.recurrent) }
  package var batchNormalizations: [BatchNormalizationBlock] { branches.flatMap(\.batchNormalizations) }
  package var firstParameter: Int? { branches.lazy.compactMap(\.firstParameter).first }
  package var stepWeightBytes: Int { branches.map(\.stepWeightBytes).max() ?? 0 }
  package var canOverwriteGradient: Bool { false }
  package var canBeStepped: Bool { branches.allSatisfy(\.canBeStepped) }
  package var canBeSegmented: Bool { branches.allSatisfy(\.canBeSegmented) }

  package var activationBytes: Int {
    let outputs = branches.reduce(2 * VectorWidth.padded(outputSize)) {
      $0 + 2 * VectorWidth.padded($1.outputSize)
    }
    let inputs = branches.count * VectorWidth.padded(inputSize)
    return branches.reduce((outputs + inputs) * MemoryLayout<Float>.stride) { $0 + $1.activationBytes }
  }

  package func outputLength(_ length: Int) -> Int { branches.first?.outputLength(length) ?? length }

  package func pack(_ engine: Engine, parameters: Matrix, worker: Int, workers: Int) {
    for branch in branches { branch.pack(engine, parameters: parameters, worker: worker, workers: workers) }
  }

  package func forward(_ input: Steps<Matrix>, initial: RecurrentState?, _ shard: Shard) -> BlockPass {
    let passes = branches.map { $0.forward(input, initial: initial, shard) }
    return BlockPass(
      input: input, output: merged(passes.map(\.output), shard), shard: passes.first?.shard ?? shard,
      parts: passes)
  }

  package func backward(
    _ pass: BlockPass, _ gradient: Matrix, into inputGradient: Matrix?, _ states: StateGradients,
    _ shard: Shard
  ) {
    for (index, branch) in branches.enumerated() {
      let own = branchGradient(index, of: gradient, pass, shard)
      let target = inputGradient.map { index == 0 ? $0 : shard.arena.matrix(like: $0) }
      branch.backward(pass.parts[index], own, into: target, states, shard)
      if let inputGradient, let target, index > 0 { shard.kernels.add(target, to: inputGradient) }
    }
  }

  package func step(_ input: Steps<Matrix>, _ steps: SingleSteps) -> Matrix {
    merged(branches.map { $0.step(input, steps) }, steps.scratch)
  }

  private func merged(_ outputs: [Matrix], _ shard: Shard) -> Matrix {
    let (arena, kernels) = (shard.arena, shard.kernels)
    let result = arena.matrix(rows: outputs.first?.rows ?? 0, columns: outputSize)
    if merge == .concatenate {
      for (output, columns) in zip(outputs, places) { kernels.copy(output, into: result.columns(columns)) }
      return result
    }
    for (index, output) in outputs.enumerated() {
      if index == 0 {
        kernels.copy(output, into: result)
      } else if merge == .product {
        kernels.multiply(result, output, into: result)
      } else {
        kernels.add(output, to: result)
      }
    }
    if merge == .mean { kernels.scale(result, by: 1 / Float(outputs.count)) }
    return result
  }

  /// ∂L/∂(output of a branch), in memory of its own.
  private func branchGradient(
    _ index: Int, of gradient: Matrix, _ pass: BlockPass, _ shard: Shard
  ) -> Matrix {
    let (outputs, kernels) = (pass.parts.map(\.output), shard.kernels)
    let result = shard.arena.matrix(like: outputs[index])
    kernels.copy(merge == .concatenate ? gradient.columns(places[index]) : gradient, into: result)
    switch merge {
    case .concatenate, .sum: break
    case .mean: kernels.scale(result, by: 1 / Float(branches.count))
    case .product:
      for other in outputs.indices where other != index {
        kernels.multiply(result, outputs[other], into: result)
      }
    }
    return result
  }

  /// The columns of each branch in outputs that are side by side.
  private var places: [Range<Int>] {
    var start = 0
    return branches.map { branch in
      defer { start += branch.outputSize }
      return start..<start + branch.outputSize
    }
  }
}
