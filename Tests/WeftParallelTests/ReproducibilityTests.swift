import TestSupport
import Testing

@testable import KernelInterface
@testable import WeftLayers
@testable import WeftModels
@testable import WeftParallel
@testable import WeftTensor

/// Training gives the same bits on any CPU and number of threads.
@Suite("Same bits") struct ReproducibilityTests {
  /// A short training run with everything that could depend on threads: masks, clipping by value and by norm, moments,
  /// a moving average, states carried over, rows of different lengths.
  struct Training: CustomTestStringConvertible, Sendable {
    let kind: CellType
    let variant: ModelCase.Variant
    let optimizer: OptimizerKind
    var precision = Precision.float32

    var testDescription: String {
      "\(kind.rawValue), \(variant.rawValue), \(optimizer.rawValue), \(precision.rawValue)"
    }

    static let all = CellType.allCases.flatMap { kind in
      [
        Training(kind: kind, variant: .everything, optimizer: .adam, precision: .bfloat16),
        Training(kind: kind, variant: .attentionPooling, optimizer: .sgd, precision: .bfloat16),
        Training(kind: kind, variant: .everything, optimizer: .adam, precision: .bfloat16x3),
        Training(kind: kind, variant: .everything, optimizer: .adam),
        Training(kind: kind, variant: .tiedWeights, optimizer: .adamw),
        Training(kind: kind, variant: .lastStep, optimizer: .rmsprop),
        Training(kind: kind, variant: .dropout, optimizer: .sgd),
        Training(kind: kind, variant: .zoneout, optimizer: .adam),
        Training(kind: kind, variant: .attentionPooling, optimizer: .adam),
        Training(kind: kind, variant: .temporalClassification, optimizer: .adam),
        Training(kind: kind, variant: .student, optimizer: .rmsprop),
      ]
    }

    /// More rows than lanes, and a hidden size that makes parameters fill more than one block of the norm.
    ///
    /// - Parameter minimumRows: Minimum rows per worker; with fewer, threads share its matrix products.
    func run(
      threads: Int, lanes: Int = 7, minimumRows: Int = 1, engine: Engine? = nil,
      ranks: any Communicator = SingleRank()
    ) -> Trace {
      let test = ModelCase(kind: kind, variant: variant, seed: variant == .zoneout ? 22 : 21)
      let run = test.make(lengths: [9, 9, 7, 7, 6, 5, 5, 5, 3, 2, 1], hidden: 49, precision: precision)
      let executor = run.executor(
        threads: threads, lanes: lanes,
        engine: engine ?? Engine(.baseline, dotAlgorithm: precision.dotAlgorithm),
        ranks: ranks)
      executor.minimumRows = minimumRows
      executor.minimumSharedTiles = 1
      var configuration = OptimizerConfiguration()
      configuration.kind = optimizer
      configuration.momentum = 0.8
      configuration.weightDecay = 0.01
      let rule = Optimizer(
        configuration, averageDecay: 0.9, parameters: executor.parameters, layout: run.model.layout,
        places: executor.ownership.places[ranks.rank])
      let reduction = ParameterUpdate(clipNorm: 0.4, clipValue: 0.05)
      var trace = Trace()
      let state = RecurrentState(batch: run.batch.rows, layers: run.model.stack.layers)
      for step in 0..<4 {
        let result = run.model.backpropagate(
          run.batch, loss: run.loss, initial: step == 0 ? nil : state, final: state,
          dropoutKey: DropoutKey(seed: 5, step: UInt64(step)), recordsGradientNorms: true, on: executor)
        trace.numbers += [result.loss, result.correct]
        trace.flow.append(result.gradientNorms)
        trace.numbers.append(reduction.apply(rule, learningRate: 0.03, on: executor))
      }
      executor.shareRows(of: state)
      let moments = rule.tensors.compactMap { executor.collect($0.tensor) }
      trace.arrays = ([executor.parameters] + moments + state.tensors.map(\.tensor)).map {
        $0.values.map(\.bitPattern)
      }
      trace.outputs = run.model.outputs(run.batch, initial: state, final: nil, on: executor).values.map(
        \.bitPattern)
      trace.evaluation =
        run.model.evaluate(run.batch, loss: run.loss, initial: nil, final: nil, on: executor).loss
      return trace
    }
  }

  /// All outputs of a run.
  struct Trace: Equatable {
    var numbers: [Double] = []
    var flow: [[[Float]]] = []
    var arrays: [[UInt32]] = []
    var outputs: [UInt32] = []
    var evaluation = 0.0

    var isFinite: Bool {
      numbers.allSatisfy(\.isFinite) && arrays.joined().allSatisfy { Float(bitPattern: $0).isFinite }
    }
  }

  @Test("Any number of threads", arguments: Training.all)
  func threads(training: Training) {
    let first = training.run(threads: 1)
    #expect(first.isFinite && first.numbers.count == 12)
    for threads in [1, 2, 3, 4, 7, 20] {
      #expect(training.run(threads: threads) == first, "\(threads) threads")
    }
  }

  @Test("Any number of ranks", arguments: Training.all)
  func ranks(training: Training) throws {
    let first = training.run(threads: 1)
    for (ranks, threads) in [(2, 1), (2, 2), (3, 1), (4, 2), (7, 1)] {
      let traces = try ThreadRanks.run(ranks) { training.run(threads: threads, ranks: $0) }
      #expect(traces[0] == first, "\(ranks) ranks of \(threads) threads")
      for trace in traces {
        #expect(trace.numbers == first.numbers && trace.flow == first.flow)
        #expect(trace.arrays[0] == first.arrays[0], "the parameters")
        #expect(trace.outputs == first.outputs && trace.evaluation == first.evaluation)
      }
    }
  }

  @Test("Any number of threads in any number of teams", arguments: Training.all)
  func teams(training: Training) {
    let first = training.run(threads: 1)
    for (threads, minimumRows) in [(2, 11), (3, 11), (8, 11), (5, 5), (7, 3)] {
      let trace = training.run(threads: threads, minimumRows: minimumRows)
      #expect(trace == first, "\(threads) threads, at least \(minimumRows) rows a worker")
    }
  }

  @Test("Any block sizes and instruction set", arguments: Training.all)
  func engines(training: Training) {
    let first = training.run(threads: 2)
    for set in InstructionSet.available {
      for blocks in [
        BlockSizes(), BlockSizes(tileRows: 1, depth: 1, rows: 1), BlockSizes(tileRows: 5, depth: 13, rows: 7),
      ] {
        let trace = training.run(
          threads: 2, engine: Engine(set, dotAlgorithm: training.precision.dotAlgorithm, blocks: blocks))
        #expect(trace == first, "\(set) \(blocks)")
      }
    }
  }

  @Test("Lanes, unlike threads, are part of the definition of a sum, but hardly change it")
  func lanes() {
    let training = Training(kind: .lstm, variant: .everything, optimizer: .sgd)
    let first = training.run(threads: 2, lanes: 1)
    for lanes in [2, 3, 16, 33] {
      let other = training.run(threads: 2, lanes: lanes)
      #expect(relativeDifference(other.numbers, first.numbers) < 1e-4, "\(lanes) lanes")
    }
  }

  @Test("A non-finite gradient changes nothing")
  func nonFinite() {
    let run = ModelCase(kind: .lstm, variant: .plain, seed: 3).make()
    let executor = run.executor(threads: 2, lanes: 4, engine: .baseline)
    let rule = Optimizer(
      OptimizerConfiguration(), averageDecay: nil, parameters: executor.parameters, layout: run.model.layout)
    _ = run.model.backpropagate(
      run.batch, loss: run.loss, initial: nil, final: nil, dropoutKey: nil, recordsGradientNorms: false,
      on: executor)
    let before = executor.parameters.values
    executor.gradients[0].matrix[0, 1] = .nan
    let norm = ParameterUpdate(clipNorm: 1, clipValue: 1).apply(rule, learningRate: 0.1, on: executor)
    #expect(norm.isNaN)
    #expect(executor.parameters.values == before && rule.steps == 0)
  }

  @Test("Clipping limits elements first and then the norm of the whole")
  func clipping() {
    let run = ModelCase(kind: .gru, variant: .everything, seed: 4).make()
    let plain = run.backpropagate(threads: 2)
    let limit = (plain.gradient.map(abs).max() ?? 0) / 3
    let clipped = plain.gradient.map { min(max($0, -limit), limit) }
    let norm = clipped.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
    let executor = run.executor(threads: 2, lanes: 4, engine: .baseline)
    var configuration = OptimizerConfiguration()
    configuration.kind = .sgd
    let rule = Optimizer(
      configuration, averageDecay: nil, parameters: executor.parameters, layout: run.model.layout)
    _ = run.model.backpropagate(
      run.batch, loss: run.loss, initial: nil, final: nil, dropoutKey: run.dropoutKey,
      recordsGradientNorms: false, on: executor)
    let reduction = ParameterUpdate(clipNorm: norm / 2, clipValue: Double(limit))
    let found = reduction.apply(rule, learningRate: 1, on: executor)
    #expect(abs(found - norm) < 1e-6 * norm)
    let scale = Float(norm / 2 / (norm + 1e-6))
    let expected = zip(run.parameters, clipped).map { $0 - scale * $1 }
    #expect(relativeDifference(executor.parameters.values, expected) < 1e-6)
  }

  @Test(
    "The norm found is that of the whole gradient, second gradients included", arguments: CellType.allCases)
  func norm(kind: CellType) {
    for variant in [ModelCase.Variant.tiedWeights, .everything] {
      let result = ModelCase(kind: kind, variant: variant, seed: 6).make().backpropagate(threads: 2)
      let norm = result.gradient.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
      #expect(abs(result.norm - norm) < 1e-5 * norm)
    }
  }
}
