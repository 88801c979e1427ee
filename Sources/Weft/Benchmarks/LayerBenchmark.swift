import KernelInterface

/// Times one training step of one recurrent layer: forward, backward with input gradients, and plain SGD.
package struct LayerBenchmark: Sendable {
  package var cell: CellKind
  package var steps: Int
  package var batch: Int
  package var inputSize: Int
  package var hiddenSize: Int
  package var threads: Int
  package var lanes: Int

  package init(
    cell: CellKind, steps: Int, batch: Int, inputSize: Int, hiddenSize: Int, threads: Int, lanes: Int = 16
  ) {
    self.cell = cell
    self.steps = steps
    self.batch = batch
    self.inputSize = inputSize
    self.hiddenSize = hiddenSize
    self.threads = threads
    self.lanes = lanes
  }

  /// What was measured.
  package struct Result: Sendable {
    /// Time of one training step: the median of all that were timed.
    package let seconds: Double
    /// 3 · 2·T·B·G·H·(I + H): a forward and two backward products of every weight.
    package let operations: Double
    /// What the processor reached in multiply-adds from registers, in the same process with as many threads.
    package let peak: Double

    package var operationsPerSecond: Double { operations / seconds }
    package var fractionOfPeak: Double { operationsPerSecond / peak }
  }

  /// - Parameter minimumSeconds: Steps are timed until this has passed, at least five.
  package func run(_ engine: Engine, minimumSeconds: Double = 1) -> Result {
    let module = LayerModule(self)
    let parameters = Tensor(rows: 1, columns: module.layout.count)
    fill(parameters, scale: 0.05)
    let inputs = Tensor(rows: steps * batch, columns: inputSize)
    fill(inputs, scale: 1)
    let data = LaneParallel(
      module, parameters: parameters, engine: engine, threads: threads, lanes: min(lanes, batch))
    var configuration = OptimizerConfiguration()
    configuration.kind = .sgd
    let optimizer = Optimizer(
      configuration, averageDecay: 0, parameters: parameters, layout: module.layout)
    let reduction = GradientReduction()
    let lengths = [Int](repeating: steps, count: batch)
    let peak = PeakBenchmark.flopsPerSecond(engine, threads: threads)

    var times: [Double] = []
    var total = 0.0
    while times.count < 6 || total < minimumSeconds {
      let start = ContinuousClock.now
      _ = data.run(Segment(lengths: lengths), wantsGradients: true, dropoutKey: nil) { shard in
        module.step(inputs.matrix, shard)
      }
      _ = reduction.update(data, optimizer, learningRate: 1e-6)
      let seconds = (ContinuousClock.now - start).seconds
      times.append(seconds)
      total += seconds
    }
    // The first step allocates.
    let sorted = times.dropFirst().sorted()
    return Result(seconds: sorted[sorted.count / 2], operations: operations, peak: peak)
  }

  private var operations: Double {
    let gates =
      switch cell {
      case .tanh, .relu: 1
      case .gru, .gruResetAfter: 3
      case .lstm: 4
      }
    return 6 * Double(steps * batch) * Double(gates * hiddenSize) * Double(inputSize + hiddenSize)
  }

  private func fill(_ tensor: Tensor, scale: Float) {
    let random = RandomSequence(key: RandomKey(seed: 1, purpose: 0, step: 0))
    let matrix = tensor.matrix
    for row in 0..<matrix.rows {
      for column in 0..<matrix.columns {
        matrix[row, column] = (random.uniform(row * matrix.columns + column) - 0.5) * scale
      }
    }
  }
}

/// A single layer whose loss is the sum of its outputs.
private struct LayerModule: LaneTrainable {
  let layout: ParameterLayout
  private let layer: RecurrentLayer

  init(_ benchmark: LayerBenchmark) {
    var layout = ParameterLayout()
    layer = RecurrentLayer(
      path: "layer", inputSize: benchmark.inputSize,
      options: RecurrentLayerOptions(kind: benchmark.cell, hiddenSize: benchmark.hiddenSize),
      direction: .forward, purpose: 0, layout: &layout)
    self.layout = layout
  }

  func pack(_ kernels: any KernelSet.Type, parameters: Matrix, worker: Int, workers: Int) {
    layer.pack(kernels, parameters: parameters, worker: worker, workers: workers)
  }

  /// - Parameter inputs: `[time × batch, inputSize]`, time-major.
  func step(_ inputs: Matrix, _ shard: Shard) {
    let arena = shard.arena
    let positions = shard.layout.positions
    let input = arena.matrix(rows: positions, columns: layer.inputSize)
    shard.kernels.gatherRows(table: inputs, indices: shard.globalPositions, into: input)
    let pass = layer.forward(input, initial: nil, shard)
    let outputGradient = arena.matrix(rows: positions, columns: layer.hiddenSize)
    shard.kernels.fill(outputGradient, with: 1)
    layer.backward(
      pass, inputs: input, outputGradient: outputGradient, finalGradient: nil,
      inputGradient: arena.matrix(like: input), initialGradient: nil, gradientNorms: nil, shard)
  }
}
