import TestSupport
import Testing
import WeftConfiguration

@testable import WeftData
@testable import WeftLayers
@testable import WeftModels
@testable import WeftParallel
@testable import WeftTensor

/// Models of blocks against reference equations in Double.
@Suite("Blocks") struct BlockTests {
  static let epsilon = Double(Float.ulpOfOne)
  /// Tolerances in roundings, of outputs and of a gradient's norm; layer normalization divides by small deviations.
  static let outputFactor = 256.0
  static let gradientFactor = 4096.0

  @Test("Outputs are those of the equations", arguments: BlockCase.all(seeds: 0..<3))
  func forward(test: BlockCase) throws {
    var run = try test.make()
    run.dropoutKey = nil
    let executor = run.executor(threads: 2, lanes: 3, engine: .baseline)
    let outputs = run.model.outputs(run.batch, on: executor)
    let expected = run.blockOutputs(run.namedParameters)
    #expect(
      relativeDifference(outputs.values, expected.flatMap(\.self)) < Self.outputFactor * Self.epsilon)
  }

  @Test("Gradients are those of finite differences in Double", arguments: BlockCase.all(seeds: 0..<2))
  func backward(test: BlockCase) throws {
    let run = try test.make(reads: test.seed == 1 ? .tokens : .features)
    let result = run.backpropagate(threads: 2)
    var random = SplitMix(seed: test.seed)
    #expect(
      abs(result.found.meanLoss - run.blockLoss(run.namedParameters)) < 1e-4 * result.found.meanLoss)
    let departures = run.departures(of: result, from: run.blockLoss, elements: 4, using: &random)
    for (parameter, departure, scale) in departures {
      #expect(departure <= Self.gradientFactor * Self.epsilon * scale, "\(parameter)")
    }
  }

  @Test(
    "Threads change no bit, in either precision", arguments: BlockCase.all(seeds: 0..<1),
    [Precision.float32, .bfloat16])
  func threads(test: BlockCase, precision: Precision) throws {
    let run = try test.make(lengths: [9, 7, 7, 4, 2, 1, 1], precision: precision)
    let engine = Engine(.baseline, dotAlgorithm: precision.dotAlgorithm)
    let one = run.backpropagate(threads: 1, engine: engine)
    for threads in [2, 3] {
      let other = run.backpropagate(threads: threads, engine: engine)
      #expect(one.gradient == other.gradient && one.found.loss == other.found.loss)
      #expect(one.gradient.allSatisfy { $0.isFinite })
    }
  }

  @Test("Segments have the gradients of whole sequences", arguments: BlockCase.all(seeds: 0..<1))
  func segments(test: BlockCase) throws {
    let run = try test.make(lengths: [9, 7, 7, 4, 2, 1, 1])
    guard run.model.canBeSegmented(run.batch) else { return }
    let whole = run.backpropagate()
    let parts = run.backpropagate(threads: 2, segmentSteps: 2)
    #expect(relativeDifference(parts.gradient, whole.gradient) < 64 * Self.epsilon)
    #expect(abs(parts.found.meanLoss - whole.found.meanLoss) <= 1e-6 * whole.found.meanLoss)
  }

  @Test("A row has the same bits alone as in company", arguments: BlockCase.all(seeds: 0..<1))
  func alone(test: BlockCase) throws {
    var run = try test.make(lengths: [8, 5, 5, 1])
    run.dropoutKey = nil
    let executor = run.executor(threads: 1, lanes: 2, engine: .baseline)
    let together = run.model.outputRows(run.batch, on: executor)
    guard case .features(let features) = run.batch.inputs else { return }
    var first = 0
    for (row, length) in run.batch.lengths.enumerated() {
      let steps = run.batch.offsets[row]..<run.batch.offsets[row + 1]
      let batch = Minibatch(
        lengths: [length],
        inputs: .features(steps.flatMap { Array(features[$0]) }, width: run.model.shape.inputSize))
      let alone = run.model.outputRows(batch, on: executor)
      #expect(alone == Array(together[first..<first + alone.count]), "row \(row)")
      first += alone.count
    }
  }

  @Test("Equal layers are blocks: the same names and bits")
  func shortForm() throws {
    var short = ModelConfiguration()
    short.cell = .gru
    short.hidden = 5
    short.layers = 2
    short.isBidirectional = true
    short.dropout = 0.25
    short.output = .attention
    var long = ModelConfiguration()
    long.blocks = short.allBlocks
    let shape = ModelShape(input: .features(3), outputs: 2)
    let (first, second) = (SequenceModel(short, shape: shape), SequenceModel(long, shape: shape))
    #expect(first.layout == second.layout)
    #expect(first.layout.parameters.map(\.name).contains("layer1/backward/recurrent_weights"))
  }

  @Test func everyPoolingHasAShortForm() {
    #expect(Set(OutputSteps.allCases.compactMap(\.poolKind)) == Set(PoolKind.allCases))
  }

  @Test(
    "A model that reads tokens is stepped with the bits of a minibatch",
    arguments: [
      "[{cell: lstm, hidden: 5}, {dense: 7, activation: gelu}, {cell: gru, hidden: 7, residual: true}]",
      "[{cell: gru, hidden: 5}, {activation: mish}, {cell: lstm, hidden: 4}, {activation: relu}]",
      "[{dense: 4}, {cell: lstm, hidden: 4, highway: true}, {normalization: layer}]",
      "[{branches: [[{cell: lstm, hidden: 5}], [{cell: gru, hidden: 17}, {dense: 3}], []]}, {dense: 4}]",
    ])
  func stepping(text: String) throws {
    let run = try BlockCase(text, seed: 4).make(lengths: [6], reads: .tokens)
    let executor = run.executor(threads: 1, lanes: 1, engine: .baseline)
    let expected = run.model.outputRows(run.batch, on: executor)
    guard case .tokens(let tokens) = run.batch.inputs else { return }
    let stepper = run.model.makeStepper(on: executor)
    for (token, expected) in zip(tokens, expected) {
      stepper.step(token)
      #expect((0..<expected.count).map { stepper.outputs[0, $0] } == expected)
    }
  }

  @Test(
    "Blocks that do not fit are refused with their number",
    arguments: [
      ("[{cell: lstm, hidden: 5}, {pool: mean}, {cell: gru, hidden: 5}]", "block 3: 'cell' follows 'pool'"),
      (
        "[{cell: lstm, hidden: 5, residual: true}]", "block 1: 'residual' needs as many outputs, 5, as inputs"
      ),
      (
        "[{dense: 4}, {branches: [[{dense: 5}], [{dense: 4}]], merge: sum}]",
        "block 2: 'merge: sum' needs branches of as many features, not 5, 4"
      ),
      (
        "[{branches: [[{cell: gru, hidden: 4}, {pool: last}], [{dense: 4}]]}]",
        "block 1: branch 2: needs 'pool', because other branches leave one step of each sequence"
      ),
      (
        "[{cell: gru, hidden: 4}, {pool: mean}, {branches: [[], [{pool: last}]]}]",
        "block 3: branch 2: block 1: 'pool' follows 'pool'"
      ),
      (
        "[{branches: [[], [{convolution: 4, width: 3, stride: 2}]]}]",
        "block 1: branch 2: a 'stride' or 'padding: valid' changes the number of steps"
      ),
      ("[{branches: [[{dense: 4}]]}]", "'branches' needs two lists of blocks or more"),
      ("[{branches: [[], [{dens: 4}]]}]", "block 1: branches: list 2: block 1: unknown key 'dens'"),
      (
        "[{dense: 4}, {dense: 5, highway: true}]", "block 2: 'highway' needs as many outputs, 5, as inputs, 4"
      ),
    ])
  func misfits(text: String, complaint: String) throws {
    let error = #expect(throws: (any Error).self) { try BlockCase(text, seed: 1).make(lengths: [3]) }
    let text = (error as? ConfigurationValueProblem)?.text ?? error.map { "\($0)" } ?? ""
    #expect(text.contains(complaint))
  }
}
