import Foundation
import TestSupport
import Testing

@testable import WeftBase
@testable import WeftData
@testable import WeftLayers
@testable import WeftMetrics
@testable import WeftModels

/// Beam search against exhaustive search.
@Suite struct BeamSearchTests {
  /// All sequences of up to this many tokens, each as the targets of one row with the same source.
  private static func everySequence(words: Int, upTo length: Int) -> [[Int32]] {
    var all: [[Int32]] = [[]]
    var last = all
    for _ in 0..<length {
      last = last.flatMap { sequence in (0..<Int32(words)).map { sequence + [$0] } }
      all += last
    }
    return all
  }

  /// The log-probability of each sequence with its end, from the training loss.
  private static func logProbabilities(_ run: EncoderDecoderRun, row: Int, _ sequences: [[Int32]]) -> [Double]
  {
    guard case .tokens(let tokens) = run.batch.inputs else { return [] }
    let source = Array(tokens[run.batch.offsets[row]..<run.batch.offsets[row + 1]])
    let executor = run.executor(lanes: 1)
    return sequences.map { sequence in
      let batch = Minibatch(
        lengths: [source.count], inputs: .tokens(source),
        targets: .sequences(TargetSequences(lengths: [sequence.count], steps: .tokens(sequence))))
      return -run.model.evaluate(
        batch, loss: Loss(kind: .crossEntropy), initial: nil, final: nil, on: executor
      ).loss
    }
  }

  @Test(arguments: [AttentionKind.additive, .general, .none], [0, 0.6, 1.4])
  func aWideBeamFindsTheBestOfAll(_ attention: AttentionKind, penalty: Double) {
    let run = EncoderDecoderCase(kind: .gru, attention: attention, variant: .plain, seed: 5).make(rows: 3)
    let length = 3
    let sequences = Self.everySequence(words: 6, upTo: length - 1)
    // A beam width of all extensions of all sequences.
    let search = BeamSearch(beam: 400, lengthPenalty: penalty, maximumLength: length)
    let found = run.model.decode(run.batch, search, on: run.executor())
    for row in 0..<3 {
      let expected = zip(sequences, Self.logProbabilities(run, row: row, sequences)).map {
        (tokens: $0, score: $1 / pow(Double(6 + $0.count) / 6, penalty))
      }.sorted { $0.score > $1.score }
      for (hypothesis, expected) in zip(found[row], expected).prefix(10) {
        #expect(hypothesis.tokens == expected.tokens && hypothesis.isComplete)
        #expect(abs(hypothesis.score - expected.score) < 1e-5)
      }
    }
  }

  /// A beam width of 1 is greedy decoding.
  @Test(arguments: AttentionKind.allCases.filter { $0 != .dot }, [1, 4, 9] as [UInt64])
  func aBeamOfOneTakesTheMostProbableToken(_ attention: AttentionKind, seed: UInt64) {
    let run = EncoderDecoderCase(kind: .lstm, attention: attention, variant: .stacked, seed: seed).make(
      rows: 1)
    let executor = run.executor(lanes: 1)
    let (model, batch) = (run.model, run.batch)
    let expected = executor.run(Segment(lengths: batch.lengths), wantsGradients: false, dropoutKey: nil) {
      shard in
      let stepper = model.makeStepper(batch, sequencesPerRow: 1, shard)
      var tokens: [Int32] = []
      while tokens.count < 6 {
        let outputs = stepper.step([tokens.last ?? model.boundary], sources: [0])
        let best = (0..<outputs.columns).max { outputs[0, $0] < outputs[0, $1] } ?? 0
        if Int32(best) == model.boundary { break }
        tokens.append(Int32(best))
        stepper.reorder([0])
      }
      return tokens
    }
    let found = run.model.decode(batch, BeamSearch(beam: 1, lengthPenalty: 0, maximumLength: 6), on: executor)
    #expect(found[0].count == 1)
    #expect(found[0][0].tokens == expected[0])
    #expect(found[0][0].isComplete == (expected[0].count < 6))
  }

  @Test func theEndCountsAsATokenOfThePenalty() {
    let search = BeamSearch(beam: 1, lengthPenalty: 0.7, maximumLength: 9)
    var state = BeamState(search, boundary: 3)
    #expect(state.extend([.init(parent: 0, token: 1, logProbability: -0.5)], attention: []) == [0])
    #expect(state.extend([.init(parent: 0, token: 3, logProbability: -0.75)], attention: []) == [])
    #expect(state.results.map(\.tokens) == [[1]])
    #expect(abs(state.results[0].score - -0.75 / pow(7.0 / 6, 0.7)) < 1e-12)
  }

  @Test func equalSequencesStandInAFixedOrder() {
    var state = BeamState(BeamSearch(beam: 2, maximumLength: 9), boundary: 9)
    let tied = [4, 2, 7].map { BeamState.Extension(parent: 0, token: $0, logProbability: -1) }
    #expect(state.extend(tied, attention: []) == [0, 0])
    #expect(state.active.map(\.tokens) == [[2], [4]])
    let later = [(1, 5), (0, 5), (0, 3)].map {
      BeamState.Extension(parent: $0.0, token: Int32($0.1), logProbability: -2)
    }
    #expect(state.extend(later, attention: []) == [0, 0])
    #expect(state.active.map(\.tokens) == [[2, 3], [2, 5]])
  }
}
