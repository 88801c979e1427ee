import KernelInterface
import WeftBase
import WeftLayers
import WeftParallel
import WeftTensor

/// A stack of recurrent layers with inputs and output gradients.
package struct StackRun: Sendable {
  package let stack: BlockStack
  package let layout: ParameterLayout
  package let parameters: Tensor
  /// Time steps of each row, descending.
  package var lengths: [Int]
  /// `[steps, rows, inputSize]`; values beyond a row's length are not read.
  package var inputs: TimeMajor
  /// Nil for the layers' own initial states.
  package var initial: RecurrentState?
  /// ∂L/∂outputs `[steps, rows, outputSize]`.
  package var outputGradient: TimeMajor
  package var finalGradient: RecurrentState?
  package var dropoutKey: DropoutKey?

  package init(
    stack: BlockStack, layout: ParameterLayout, parameters: Tensor, lengths: [Int], inputs: TimeMajor,
    initial: RecurrentState? = nil, outputGradient: TimeMajor, finalGradient: RecurrentState? = nil,
    dropoutKey: DropoutKey? = nil
  ) {
    self.stack = stack
    self.layout = layout
    self.parameters = parameters
    self.lengths = lengths
    self.inputs = inputs
    self.initial = initial
    self.outputGradient = outputGradient
    self.finalGradient = finalGradient
    self.dropoutKey = dropoutKey
  }

  package struct Result: Sendable {
    /// Zero beyond a row's length, as all of these.
    package var outputs: TimeMajor
    package var final: RecurrentState
    package var inputGradient: TimeMajor
    package var initialGradient: RecurrentState
    /// Flat, as the parameters.
    package var gradient: Tensor
    /// ‖∂L/∂h_t‖² of every layer, `[steps, rows, 1]`.
    package var squaredNorms: [TimeMajor]
  }

  /// Runs forward and backward over the workers' shards.
  package func run(
    workers: Int = 1, lanes: Int = 16, engine: Engine = Engine(.baseline)
  ) -> Result {
    let plan = LanePlan(lanes: lanes, workers: min(workers, lanes))
    let pool = WorkerPool(count: plan.ranges.count)
    pool.run { worker in
      stack.pack(engine, parameters: parameters.matrix, worker: worker, workers: pool.count)
    }
    let shards = ShardPlan(lengths: lengths, lanes: plan)
    let nodes = plan.nodes.map { $0.map { _ in Tensor(rows: 1, columns: layout.gradientCount) } }
    let rows = lengths.count
    let final = RecurrentState(batch: rows, layers: stack.layers)
    let initialGradient = RecurrentState(batch: rows, layers: stack.layers)
    let results = Locked(
      Result(
        outputs: TimeMajor(steps: inputs.steps, rows: rows, features: stack.outputSize), final: final,
        inputGradient: TimeMajor(steps: inputs.steps, rows: rows, features: inputs.features),
        initialGradient: initialGradient, gradient: nodes[0][0],
        squaredNorms: stack.layers.map { _ in TimeMajor(steps: inputs.steps, rows: rows, features: 1) }))
    let arenas = (0..<pool.count).map { _ in Arena() }
    defer { withExtendedLifetime(arenas) {} }
    pool.run { worker in
      let arena = arenas[worker]
      let shard = Shard(
        engine: engine, layout: shards.layouts[worker], globalRows: shards.rows[worker], batch: rows,
        parameters: parameters.matrix, nodes: plan.localNodes(worker: worker),
        gradients: nodes[worker].map(\.matrix), arena: arena, dropoutKey: dropoutKey)
      let input = gather(inputs, shard)
      let pass = stack.forward(.features(input), initial: initial, shard)
      stack.storeFinal(pass, into: final, shard)
      results.withLock { scatter(pass.output, shard, into: &$0.outputs) }
      let inputGradient = arena.matrix(like: input)
      let norms = stack.layers.map { _ in arena.matrix(rows: 1, columns: shard.layout.positions) }
      stack.backward(
        pass, outputGradient: gather(outputGradient, shard), finalGradient: finalGradient,
        inputGradient: inputGradient, initialGradient: initialGradient, gradientNorms: norms, shard)
      results.withLock { results in
        scatter(inputGradient, shard, into: &results.inputGradient)
        for (layer, squares) in norms.enumerated() {
          for position in 0..<shard.layout.positions {
            let range = place(position, shard, of: results.squaredNorms[layer])
            results.squaredNorms[layer].values[range.lowerBound] = squares[0, position]
          }
        }
      }
    }
    let flat = nodes.flatMap(\.self)
    for addition in plan.additions {
      engine.kernels.add(flat[addition.source].matrix, to: flat[addition.target].matrix)
    }
    return results.withLock { $0 }
  }

  private func place(_ position: Int, _ shard: Shard, of values: TimeMajor) -> Range<Int> {
    let row = Int(shard.globalRows[Int(shard.layout.rowOfPosition[position])])
    return values.range(step: Int(shard.layout.stepOfPosition[position]), row: row)
  }

  private func gather(_ values: TimeMajor, _ shard: Shard) -> Matrix {
    let result = shard.arena.matrix(rows: shard.layout.positions, columns: values.features)
    result.assign(
      (0..<shard.layout.positions).flatMap { values.values[place($0, shard, of: values)] })
    return result
  }

  private func scatter(_ matrix: Matrix, _ shard: Shard, into values: inout TimeMajor) {
    let elements = matrix.elements
    for position in 0..<shard.layout.positions {
      values.values.replaceSubrange(
        place(position, shard, of: values),
        with: elements[position * matrix.columns..<(position + 1) * matrix.columns])
    }
  }
}

extension StackRun.Result {
  /// All numbers of the result by name, in a fixed order, for comparing bits.
  package var numbers: [(name: String, values: [Float])] {
    [("outputs", outputs.values), ("input gradient", inputGradient.values), ("gradient", gradient.values)]
      + final.tensors.map { ("final \($0.name)", $0.tensor.values) }
      + initialGradient.tensors.map { ("initial gradient \($0.name)", $0.tensor.values) }
      + squaredNorms.enumerated().map { ("squared norms \($0.offset)", $0.element.values) }
  }

  /// Names of the numbers whose bits differ in another result.
  package func differences(from other: StackRun.Result) -> [String] {
    zip(numbers, other.numbers).compactMap { mine, others in
      mine.values.map(\.bitPattern) == others.values.map(\.bitPattern) ? nil : mine.name
    }
  }
}
