import KernelInterface
import WeftBase
import WeftTensor

/// y = f(W x + b) at every position, or per sequence after pooling.
package struct DenseBlock: Block {
  let projection: Projection
  let bias: PaddedRow
  let activation: Activation

  /// - Parameter path: Prefix of the parameter names `weights [inputSize, units]` and `bias [units]`.
  init(
    path: String, inputSize: Int, units: Int, activation: Activation, initialization: Initialization,
    initialBias: InitialValues = .zero, layout: inout ParameterLayout
  ) {
    projection = Projection(
      layout.add(
        "\(path)/weights", rows: inputSize, columns: units, initialization: initialization.values(gates: 1),
        isWeight: true), width: units, dotAlgorithm: layout.dotAlgorithm)
    bias = PaddedRow(
      layout.add("\(path)/bias", rows: 1, columns: units, initialization: initialBias, isWeight: false),
      width: units)
    self.activation = activation
  }

  package var outputSize: Int { projection.width }
  package var firstParameter: Int? { projection.parameter.offset }
  package var stepWeightBytes: Int { projection.forwardBytes }
  package var canOverwriteGradient: Bool { false }

  package var activationBytes: Int {
    let outputs = (activation.gradientReadsInputs ? 3 : 2) * VectorWidth.padded(outputSize)
    return (outputs + 2 * VectorWidth.padded(projection.inputs)) * MemoryLayout<Float>.stride
  }

  package func pack(_ engine: Engine, parameters: Matrix, worker: Int, workers: Int) {
    projection.pack(engine, parameters: parameters, worker: worker, workers: workers)
    if worker == 0 { bias.pack(engine, parameters: parameters) }
  }

  package func forward(_ input: Steps<Matrix>, initial: RecurrentState?, _ shard: Shard) -> BlockPass {
    guard case .features(let values) = input else { preconditionFailure("a dense block reads features") }
    let sums = shard.arena.matrix(rows: values.rows, columns: outputSize)
    projection.forward(values, initial: .row(bias.row), into: sums, record: nil, shard)
    let output = activation.gradientReadsInputs ? shard.arena.matrix(like: sums) : sums
    shard.kernels.activate(activation, sums, into: output)
    return BlockPass(input: input, output: output, shard: shard, kept: [sums])
  }

  package func backward(
    _ pass: BlockPass, _ gradient: Matrix, into inputGradient: Matrix?, _ states: StateGradients,
    _ shard: Shard
  ) {
    shard.kernels.activateBackward(activation, gradient, values: pass.kept[0])
    if shard.wantsGradients {
      shard.outerProducts(
        [projection.operand(pass.features, rows: nil, shard), bias.operand(gates: 0..<1, shard)],
        right: gradient, width: outputSize, index: shard.layout.lanePositions)
    }
    if let inputGradient {
      projection.backward(gradient, initial: .zero, into: inputGradient, record: nil, shard)
    }
  }
}
