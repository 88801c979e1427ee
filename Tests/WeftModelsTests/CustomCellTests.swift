import TestSupport
import Testing
import WeftBase

@testable import WeftLayers
@testable import WeftModels

@Suite("Cells and losses of a program's own") struct CustomCellTests {
  static func cases(_ variants: [ModelCase.Variant]) throws -> [ModelCase] {
    let kinds = [try CellType(OwnLSTM()), try CellType(exampleCell)]
    return kinds.flatMap { kind in
      variants.flatMap { variant in (0..<2).map { ModelCase(kind: kind, variant: variant, seed: $0) } }
    }
  }

  static let variants: [ModelCase.Variant] = [
    .plain, .bidirectional, .stacked, .dropout, .recurrentDropout, .learnedState, .givenState, .oneHot,
    .attentionPooling, .zoneout, .missingTargets,
  ]

  @Test("Outputs are those of the equations, and gradients those of finite differences in Double")
  func gradients() throws {
    for test in try Self.cases(Self.variants) {
      GradientCheckTests.expectGradients(test.make(), seed: test.seed)
    }
    let normalized = ModelCase(kind: try CellType(exampleCell), variant: .layerNormalization, seed: 1)
    GradientCheckTests.expectGradients(normalized.make(), seed: 1)
  }

  @Test("Threads, segments and instruction sets change no bit")
  func sameBits() throws {
    for test in try Self.cases([.plain, .recurrentDropout]) {
      let run = test.make(lengths: [9, 8, 8, 5, 3, 1])
      let expected = run.backpropagate()
      for threads in [2, 3] { #expect(run.backpropagate(threads: threads).gradient == expected.gradient) }
      let segmented = run.backpropagate(segmentSteps: 3)
      #expect(segmented.gradient == run.backpropagate(threads: 3, segmentSteps: 3).gradient)
    }
  }

  @Test("An LSTM written as a cell of one's own has the losses of Weft's")
  func ownLSTM() throws {
    let own = ModelCase(kind: try CellType(OwnLSTM()), variant: .plain, seed: 3).make()
    var configuration = own.configuration
    configuration.cell = .lstm
    let model = try SequenceModel(configuration, fitting: own.model.shape, file: "")
    let run = ModelRun(
      configuration: configuration, model: model, parameters: own.parameters, batch: own.batch,
      loss: own.loss, initial: own.initial, dropoutKey: own.dropoutKey)
    let (expected, found) = (run.backpropagate(), own.backpropagate())
    #expect(abs(found.found.meanLoss - expected.found.meanLoss) < 1e-6 * max(1, expected.found.meanLoss))
    #expect(relativeDifference(found.gradient, expected.gradient.map(Double.init)) < 1e-5)
  }

  private struct OwnSquaredError: CustomLoss {
    let name = "own-squared-error"

    func evaluate(prediction: Float, target: Float) -> (loss: Float, derivative: Float) {
      let error = prediction - target
      return (error * error, 2 * error)
    }
  }

  @Test("A squared error written as a loss of one's own is Weft's, missing targets included")
  func ownLoss() {
    for seed: UInt64 in 0..<3 {
      let run = ModelCase(kind: .lstm, variant: .missingTargets, seed: seed).make()
      let own = ModelRun(
        configuration: run.configuration, model: run.model, parameters: run.parameters, batch: run.batch,
        loss: Loss(kind: LossType(OwnSquaredError())), initial: run.initial, dropoutKey: run.dropoutKey)
      let (expected, found) = (run.backpropagate(), own.backpropagate())
      #expect(abs(found.found.meanLoss - expected.found.meanLoss) < 1e-6 * max(1, expected.found.meanLoss))
      #expect(relativeDifference(found.gradient, expected.gradient.map(Double.init)) < 1e-5)
    }
  }

  private struct Nameless: CustomCell {
    var name = "lstm"
    var gates = [CellGate("h", .tanh)]

    func forward(_ step: CellStep) {}
    func backward(_ step: CellGradientStep) {}
  }

  @Test("Names that are taken or unfit, and gates that cannot be computed, are refused")
  func refusals() {
    func message(_ cell: Nameless) -> String {
      do throws(WeftError) {
        try CellType.register(cell)
        return ""
      } catch { return error.message }
    }
    #expect(message(Nameless()).contains("Weft has one of this name"))
    for name in ["", "My Cell", "9lives", "a_b"] {
      #expect(message(Nameless(name: name)).contains("lower-case letters"))
    }
    #expect(message(Nameless(name: "none", gates: [])).contains("has 0 gates; expected one to four"))
    #expect(message(Nameless(name: "own", gates: [CellGate("h", .gelu)])).contains("'gelu'"))
    #expect(!CellType.allCases.contains { $0.name == "own" })
  }
}
