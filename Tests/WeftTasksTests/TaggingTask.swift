import TestSupport

@testable import KernelInterface
@testable import WeftLayers
@testable import WeftMetrics
@testable import WeftModels
@testable import WeftParallel
@testable import WeftTasks
@testable import WeftTensor

/// Tags every step of a sequence of features.
struct TaggingModel: TrainableModel {
  let shape: ModelShape
  let layout: ParameterLayout
  private let stack: BlockStack
  private let output: Projection

  init(hidden: Int, shape: ModelShape) {
    self.shape = shape
    var layout = ParameterLayout()
    stack = BlockStack(
      inputSize: shape.inputSize, levels: 1, isBidirectional: true, dropout: 0,
      options: RecurrentLayerOptions(kind: .gru, hiddenSize: hidden), layout: &layout)
    let weights = layout.add(
      "output/weights", rows: 2 * hidden, columns: shape.outputs, initialization: .glorot(gates: 1),
      isWeight: true)
    output = Projection(weights, width: shape.outputs, dotAlgorithm: layout.dotAlgorithm)
    self.layout = layout
  }

  func pack(_ engine: Engine, parameters: Matrix, worker: Int, workers: Int) {
    stack.pack(engine, parameters: parameters, worker: worker, workers: workers)
    output.pack(engine, parameters: parameters, worker: worker, workers: workers)
  }

  func run(_ task: ShardTask, _ shard: Shard) -> ShardResult {
    let (batch, layout, arena) = (task.batch, shard.layout, shard.arena)
    guard case .features(let inputs) = batch.shardInputs(shard),
      let targets = batch.shardTargets(shard, perStep: true), let loss = task.loss
    else { preconditionFailure("features with a tag for each step") }
    let pass = stack.forward(.features(inputs), initial: nil, shard)
    let outputs = arena.matrix(rows: layout.positions, columns: shape.outputs)
    output.forward(pass.output, initial: .zero, into: outputs, record: nil, shard)
    let losses = arena.matrix(rows: 1, columns: layout.positions)
    let correct = arena.matrix(rows: 1, columns: layout.positions)
    // Replaces the outputs by ∂L/∂outputs.
    loss.evaluate(
      outputs: outputs, targets: targets, scale: task.scale, losses: losses, correct: correct, shard)
    shard.finishForward()
    if shard.wantsGradients {
      let gradient = arena.matrix(like: pass.output)
      output.backward(outputs, initial: .zero, into: gradient, record: nil, shard)
      shard.outerProducts(
        [output.operand(pass.output, rows: nil, shard)], right: outputs, width: shape.outputs,
        index: layout.lanePositions)
      stack.backward(
        pass, outputGradient: gradient, finalGradient: nil, inputGradient: nil, initialGradient: nil,
        gradientNorms: [], shard)
    }
    return ShardResult(losses: losses, correct: correct, index: layout.lanePositions)
  }
}

/// The task: tag accuracy selects the best checkpoint.
struct TaggingTask: TrainingTask {
  let model: any TrainableModel
  let shape: ModelShape
  let loss = Loss(kind: .crossEntropy)
  var primaryMetric: Metric { .accuracy }
}
