import KernelInterface
import WeftData
import WeftLayers
import WeftParallel
import WeftTensor

extension SequenceModel {
  /// What a forward pass returns.
  package enum Result: Sendable {
    /// The outputs of the model.
    case outputs
    /// What the output layer reads: the outputs of the last block.
    case states
  }

  /// The outputs of every step or every sequence, row by row of the minibatch, `[outputs, model outputs]`; or the states
  /// from which they are computed, `[outputs, units]`.
  package func outputs(
    _ batch: Minibatch, of result: Result = .outputs, initial: RecurrentState? = nil,
    final: RecurrentState? = nil, on executor: Executor
  ) -> Tensor {
    let offsets = outputOffsets(batch)
    let outputs = Tensor(
      rows: offsets[batch.rows], columns: result == .outputs ? shape.outputs : stack.outputSize)
    _ = executor.run(Segment(lengths: batch.lengths), wantsGradients: false, dropoutKey: nil) { shard in
      let inputs = batch.shardInputs(shard)
      let pass = forward(inputs, initial: initial, shard)
      let layout = pass.stack.shard.layout
      if let final { stack.storeFinal(pass.stack, into: final, shard) }
      scatter(
        result == .outputs ? self.outputs(of: pass, shard) : pass.stack.output, of: layout, offsets,
        to: outputs, shard)
    }
    return outputs
  }

  /// Memory for the outputs of a minibatch, `[outputs, model outputs]`.
  package func makeOutputs(_ batch: Minibatch) -> Tensor {
    Tensor(rows: outputOffsets(batch)[batch.rows], columns: shape.outputs)
  }

  /// Writes a shard's values of every output to their rows of the minibatch.
  func scatter(
    _ values: Matrix, of layout: SequenceLayout, _ offsets: [Int], to outputs: Tensor, _ shard: Shard
  ) {
    let places = zip(layout.rowOfPosition, layout.stepOfPosition).map { row, step in
      Int32(offsets[Int(shard.globalRows[Int(row)])]) + step
    }
    shard.kernels.scatterRows(values, to: places, of: outputs.matrix)
  }

  /// The first output of each row of the minibatch, and the number of all outputs.
  package func outputOffsets(_ batch: Minibatch) -> [Int] {
    batch.lengths.map(stack.outputLength).offsets
  }

  /// The same outputs as arrays.
  package func outputRows(
    _ batch: Minibatch, initial: RecurrentState? = nil, final: RecurrentState? = nil, on executor: Executor
  ) -> [[Float]] {
    let outputs = outputs(batch, initial: initial, final: final, on: executor)
    return (0..<outputs.matrix.rows).map { row in
      (0..<outputs.matrix.columns).map { outputs.matrix[row, $0] }
    }
  }

  /// Log-softmax of the outputs of every step: `[steps][classes]` per row of the minibatch.
  package func logProbabilities(_ batch: Minibatch, on executor: Executor) -> [[[Double]]] {
    let outputs = outputs(batch, on: executor)
    let offsets = outputOffsets(batch)
    let kernels = executor.engine.kernels
    kernels.softmax(outputs.matrix, classes: outputs.matrix.columns)
    kernels.applyNaturalLogarithm(outputs.matrix)
    return (0..<batch.rows).map { row in
      (offsets[row]..<offsets[row + 1]).map { place in
        (0..<outputs.matrix.columns).map { Double(outputs.matrix[place, $0]) }
      }
    }
  }
}
