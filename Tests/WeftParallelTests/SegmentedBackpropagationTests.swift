import TestSupport
import Testing

@testable import WeftBase
@testable import WeftData
@testable import WeftLayers
@testable import WeftModels
@testable import WeftParallel
@testable import WeftTensor

/// Segmented backpropagation gives the same gradient as without segments, with the same bits for any number of threads.
@Suite struct SegmentedBackpropagationTests {
  private static func model(
    _ cell: CellType, output: OutputSteps = .everyStep, learned: Bool = false, dropout: Double = 0
  ) -> SequenceModel {
    var configuration = ModelConfiguration()
    configuration.cell = cell
    configuration.layers = 2
    configuration.hidden = 9
    configuration.embedding = 5
    configuration.output = output
    configuration.initialState = learned ? .learned : .zero
    configuration.dropout = dropout
    configuration.recurrentDropout = dropout
    (configuration.zoneout, configuration.cellZoneout, configuration.dropConnect) = (
      dropout, dropout, dropout
    )
    configuration.heads = 3
    return SequenceModel(configuration, shape: ModelShape(input: .tokens(7), outputs: 7))
  }

  private static func batch(_ lengths: [Int], output: OutputSteps) -> Minibatch {
    let random = RandomSequence(key: RandomKey(seed: 3, purpose: 1, step: 0))
    let count = lengths.reduce(0, +)
    let tokens = (0..<count).map { Int32(random.uniform($0) * 7) }
    let targets = (0..<(output == .everyStep ? count : lengths.count)).map {
      Int32(random.uniform(count + $0) * 7)
    }
    return Minibatch(lengths: lengths, inputs: .tokens(tokens), targets: .classes(targets))
  }

  /// The reduced gradient, the loss and the final states.
  private static func run(
    _ model: SequenceModel, _ batch: Minibatch, budget: Int?, threads: Int, dropout: Bool = false,
    ranks: any Communicator = SingleRank()
  ) throws -> (gradient: [Float], loss: Double, final: [[Float]]) {
    let executor = Executor(
      model, parameters: model.initialParameters(seed: 1), engine: try Engine.best(model.layout.dotAlgorithm),
      threads: threads,
      lanes: 4, ranks: ranks)
    executor.memoryBudget = budget
    let final = RecurrentState(batch: batch.rows, layers: model.stack.layers)
    let result = model.backpropagate(
      batch, loss: Loss(kind: .crossEntropy), initial: nil, final: final,
      dropoutKey: dropout ? DropoutKey(seed: 1, step: 5) : nil, recordsGradientNorms: true, on: executor)
    _ = GradientReduction().reduce(on: executor)
    ranks.share(executor.gradients[0].matrix, places: executor.ownership.places)
    executor.shareRows(of: final)
    let count = model.layout.count
    return (
      Array(executor.gradients[0].values[..<count]) + result.gradientNorms.flatMap(\.self), result.loss,
      final.tensors.map(\.tensor.values)
    )
  }

  @Test(arguments: CellType.allCases, [OutputSteps.everyStep, .lastStep])
  func gradientsAreThoseOfWholeSequences(cell: CellType, output: OutputSteps) throws {
    let model = Self.model(cell, output: output, learned: true, dropout: 0.3)
    let batch = Self.batch([23, 17, 17, 9, 4, 1], output: output)
    let whole = try Self.run(model, batch, budget: nil, threads: 1, dropout: true)
    for steps in [1, 4, 22] {
      let budget = model.activationBytes * batch.rows * steps
      let segmented = try Self.run(model, batch, budget: budget, threads: 1, dropout: true)
      #expect(abs(segmented.loss - whole.loss) < 1e-4)
      #expect(segmented.final == whole.final, "states pass the borders unchanged")
      let scale = whole.gradient.map(abs).max() ?? 0
      let difference = zip(segmented.gradient, whole.gradient).map { abs($0 - $1) }.max() ?? 0
      #expect(difference <= 2e-6 * max(scale, 1), "\(steps) steps a segment")
    }
  }

  @Test(arguments: CellType.allCases)
  func bitsAreThoseOfOneThread(cell: CellType) throws {
    let model = Self.model(cell, dropout: 0.2)
    let batch = Self.batch([19, 19, 12, 11, 5], output: .everyStep)
    let budget = model.activationBytes * batch.rows * 5
    let one = try Self.run(model, batch, budget: budget, threads: 1, dropout: true)
    for threads in [2, 3, 4] {
      let many = try Self.run(model, batch, budget: budget, threads: threads, dropout: true)
      #expect(many.gradient == one.gradient && many.loss == one.loss && many.final == one.final)
    }
    for ranks in [2, 3, 4] {
      let many = try ThreadRanks.run(ranks) {
        try Self.run(model, batch, budget: budget, threads: 2, dropout: true, ranks: $0)
      }
      for one in many.dropFirst() { #expect(one.gradient == many[0].gradient && one.final == many[0].final) }
      #expect(many[0].gradient == one.gradient && many[0].loss == one.loss && many[0].final == one.final)
    }
  }
}
