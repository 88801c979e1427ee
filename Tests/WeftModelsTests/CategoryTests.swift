import TestSupport
import Testing
import WeftBase
import WeftData

@testable import WeftLayers
@testable import WeftModels
@testable import WeftParallel
@testable import WeftTensor

/// Models whose inputs are categories beside numbers, against reference equations in Double.
@Suite("Categorical inputs") struct CategoryTests {
  private static let stacks = [
    "[{cell: lstm, hidden: 5}]",
    "[{cell: gru, hidden: 17, bidirectional: true}, {pool: last}]",
    "[{dense: 6, dropout: 0.2}, {cell: min-lstm, hidden: 6, residual: true}, {pool: attention, size: 3}]",
    "[{convolution: 4, width: 3, stride: 2, padding: causal}, {cell: lru, hidden: 3}, {pool: mean}]",
  ]

  private static var cases: [BlockCase] {
    stacks.flatMap { text in (0..<3).map { BlockCase(text, seed: $0) } }
  }

  @Test("Gradients are those of finite differences in Double", arguments: cases)
  func gradients(test: BlockCase) throws {
    let run = try test.make(reads: .categories)
    let result = run.backpropagate(threads: 2)
    var random = SplitMix(seed: test.seed)
    #expect(
      abs(result.found.meanLoss - run.blockLoss(run.namedParameters)) < 1e-4 * result.found.meanLoss)
    let departures = run.departures(of: result, from: run.blockLoss, elements: 4, using: &random)
    #expect(departures.count == run.model.layout.parameters.count)
    for (parameter, departure, scale) in departures {
      #expect(departure <= BlockTests.gradientFactor * BlockTests.epsilon * scale, "\(parameter)")
    }
  }

  @Test("Threads change no bit, in either precision", arguments: cases, [Precision.float32, .bfloat16])
  func threads(test: BlockCase, precision: Precision) throws {
    let run = try test.make(lengths: [9, 7, 7, 4, 2, 1, 1], reads: .categories, precision: precision)
    let engine = Engine(.baseline, dotAlgorithm: precision.dotAlgorithm)
    let one = run.backpropagate(threads: 1, engine: engine)
    for threads in [2, 3] {
      let other = run.backpropagate(threads: threads, engine: engine)
      #expect(one.gradient == other.gradient && one.found.loss == other.found.loss)
    }
  }

  @Test("Embeddings have the configured sizes, or half the categories, at most 50")
  func sizes() throws {
    let categories = [3, 7, 1000].enumerated().map {
      CategoricalFeature(column: $0, name: "c\($0)", count: $1)
    }
    let shape = ModelShape(input: .features(4), outputs: 1, categories: categories)
    func columns(_ change: (inout ModelConfiguration) -> Void) throws -> [Int] {
      var configuration = ModelConfiguration()
      change(&configuration)
      let layout = try SequenceModel(configuration, fitting: shape, file: "test.h5").layout
      return (0..<3).compactMap { index in
        layout.parameters.first { $0.name == "embedding/c\(index)/weights" }?.columns
      }
    }
    #expect(try columns { _ in } == [2, 4, 50])
    #expect(try columns { $0.embedding = 5 } == [5, 5, 5])
    #expect(try columns { $0.embeddings = [1, 2, 3] } == [1, 2, 3])
    let error = #expect(throws: WeftError.self) { try columns { $0.embeddings = [1, 2] } }
    #expect(
      error?.message.contains("has 2 sizes, but the inputs have 3 categorical features (c0, c1, c2)") == true)
  }
}
