import KernelInterface
import WeftBase
import WeftLayers
import WeftParallel
import WeftTensor

/// Times one training step of one recurrent layer: forward, backward with input gradients, and plain SGD.
package struct LayerBenchmark: Sendable {
  package var cell: CellType
  package var steps: Int
  package var batch: Int
  package var inputSize: Int
  package var hiddenSize: Int
  package var threads: Int
  package var lanes: Int
  /// Bytes for activations; longer sequences are processed in segments, whose inputs repeat. Nil for no limit.
  package var memoryBudget: Int?

  package init(
    cell: CellType, steps: Int, batch: Int, inputSize: Int, hiddenSize: Int, threads: Int, lanes: Int = 16
  ) {
    self.cell = cell
    self.steps = steps
    self.batch = batch
    self.inputSize = inputSize
    self.hiddenSize = hiddenSize
    self.threads = threads
    self.lanes = lanes
  }

  /// Result of the measurement.
  package struct Result: Sendable {
    /// Time per training step: the median over timed steps.
    package let seconds: Double
    /// CPU time per training step over all threads: less than threads · seconds on a busy machine.
    package let processorSeconds: Double
    /// 3 · 2·T·B·G·H·(I + H): a forward and two backward products of every weight.
    package let operations: Double
    /// Peak rate of multiply-adds from registers, in the same process with the same number of threads.
    package let peak: Double

    package var operationsPerSecond: Double { operations / seconds }
    package var fractionOfPeak: Double { operationsPerSecond / peak }
  }

  /// - Parameter minimumSeconds: Minimum duration of the measurement, with at least five steps unless they are very
  ///   long.
  package func run(_ engine: Engine, minimumSeconds: Double = 1) -> Result {
    let module = LayerModule(self, engine.dotAlgorithm)
    let parameters = Tensor(rows: 1, columns: module.layout.count)
    fill(parameters, scale: 0.05)
    let segmentSteps = segmentSteps(module)
    let inputs = Tensor(rows: segmentSteps * batch, columns: inputSize)
    fill(inputs, scale: 1)
    let executor = Executor(
      module, parameters: parameters, engine: engine, threads: threads, lanes: min(lanes, batch))
    var configuration = OptimizerConfiguration()
    configuration.kind = .sgd
    let optimizer = Optimizer(
      configuration, averageDecay: nil, parameters: parameters, layout: module.layout)
    let update = ParameterUpdate()
    let segments = SegmentedBackpropagation(
      lengths: [Int](repeating: steps, count: batch), steps: segmentSteps)
    let peak = PeakBenchmark.flopsPerSecond(engine, threads: threads)

    var times: [Double] = []
    var processorTimes: [Double] = []
    var total = 0.0
    while times.count < 2 || (times.count < 6 && total < 30) || total < minimumSeconds {
      let start = ContinuousClock.now
      let processorStart = ProcessUsage.processorSeconds
      module.step(inputs.matrix, segments, on: executor)
      _ = update.apply(optimizer, learningRate: 1e-6, on: executor)
      let seconds = (ContinuousClock.now - start).seconds
      times.append(seconds)
      processorTimes.append(ProcessUsage.processorSeconds - processorStart)
      total += seconds
    }
    // The first step allocates.
    return Result(
      seconds: times.dropFirst().median,
      processorSeconds: processorTimes.dropFirst().median, operations: operations, peak: peak)
  }

  private func segmentSteps(_ module: LayerModule) -> Int {
    guard let memoryBudget else { return steps }
    return min(steps, max(1, memoryBudget / (module.activationBytes * batch)))
  }

  private var operations: Double {
    6 * Double(steps * batch) * Double(cell.gateCount * hiddenSize)
      * Double(inputSize + cell.recurrentInputs(outputs: hiddenSize))
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
private struct LayerModule: ParallelModule {
  let layout: ParameterLayout
  private let layer: RecurrentLayer

  init(_ benchmark: LayerBenchmark, _ dotAlgorithm: DotAlgorithm) {
    var layout = ParameterLayout(dotAlgorithm: dotAlgorithm)
    layer = RecurrentLayer(
      path: "layer", inputSize: benchmark.inputSize,
      options: RecurrentLayerOptions(kind: benchmark.cell, hiddenSize: benchmark.hiddenSize),
      direction: .forward, purpose: 0, layout: &layout)
    self.layout = layout
  }

  func pack(_ engine: Engine, parameters: Matrix, worker: Int, workers: Int) {
    layer.pack(engine, parameters: parameters, worker: worker, workers: workers)
  }

  var stepWeightBytes: Int { layer.stepWeightBytes }

  /// Memory per time step and row in bytes: saved activations, inputs, outputs, and their gradients.
  var activationBytes: Int {
    layer.activationBytes + (3 * layer.inputSize + 2 * layer.outputSize) * MemoryLayout<Float>.stride
  }

  /// One forward and backward pass; with several segments, all but the last run forward twice.
  ///
  /// - Parameter inputs: `[time × batch, inputSize]` of a segment, time-major.
  func step(_ inputs: Matrix, _ segments: SegmentedBackpropagation, on executor: Executor) {
    segments.run(initial: nil) {
      RecurrentState(batch: segments.batch, layers: [layer])
    } forward: { part in
      _ = executor.run(part.segment, wantsGradients: false, dropoutKey: nil) { shard in
        let pass = layer.forward(.features(input(inputs, shard)), initial: part.initial?.layers[0], shard)
        if let final = part.final { layer.storeFinal(pass, into: final.layers[0], shard) }
      }
    } backward: { part in
      _ = executor.run(
        part.segment, wantsGradients: true, keepsLanesApart: segments.ranges.count > 1, dropoutKey: nil
      ) { shard in backward(input(inputs, shard), part, shard) }
    }
  }

  private func backward(_ input: Matrix, _ part: SegmentedBackpropagation.Part, _ shard: Shard) {
    let pass = layer.forward(.features(input), initial: part.initial?.layers[0], shard)
    shard.finishForward()
    let outputGradient = shard.arena.matrix(rows: shard.layout.positions, columns: layer.outputSize)
    shard.kernels.fill(outputGradient, with: 1)
    layer.backward(
      pass, inputs: .features(input), outputGradient: outputGradient,
      finalGradient: part.finalGradient?.layers[0],
      inputGradient: shard.arena.matrix(like: input), initialGradient: part.initialGradient?.layers[0],
      gradientNorms: nil, shard)
  }

  private func input(_ inputs: Matrix, _ shard: Shard) -> Matrix {
    let first = Int32(shard.segment.firstStep * shard.segment.batch)
    let input = shard.arena.matrix(rows: shard.layout.positions, columns: layer.inputSize)
    shard.kernels.gatherRows(table: inputs, indices: shard.globalPositions.map { $0 - first }, into: input)
    return input
  }
}
