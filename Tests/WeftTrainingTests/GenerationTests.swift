import Foundation
import TestSupport
import Testing

@testable import WeftData
@testable import WeftModels
@testable import WeftTraining

/// Text found by beam search, against the probabilities of all texts.
@Suite struct GenerationTests {
  /// The log-probability of tokens after others, from the outputs of a minibatch.
  private static func logProbability(_ tokens: [Int32], after prompt: [Int32], _ model: TrainedModel)
    -> Double
  {
    let all = prompt + tokens
    let batch = Minibatch(lengths: [all.count], inputs: .tokens(all), targets: nil)
    let outputs = (model.task.languageModel!.model).outputs(
      batch, initial: nil, final: nil, on: model.executor
    ).values.map { Double($0) }
    let width = outputs.count / all.count
    return tokens.indices.reduce(0.0) { sum, index in
      let row = Array(outputs[(prompt.count - 1 + index) * width..<(prompt.count + index) * width])
      return sum + row[Int(tokens[index])] - log(row.reduce(0) { $0 + exp($1) })
    }
  }

  @Test func aWideBeamFindsTheMostProbableTextOfAll() throws {
    let run = try TrainingRun(.text) { $0.training.steps = 3 }
    try run.finish()
    let model = try TrainedModel(run.folder.file("run"), threads: 1)
    let vocabulary = try #require(model.vocabulary)
    let prompt = vocabulary.tokens[1] + vocabulary.tokens[0]
    let length = 3
    var texts: [[Int32]] = [[]]
    for _ in 0..<length {
      texts = texts.flatMap { text in vocabulary.tokens.indices.map { text + [Int32($0)] } }
    }
    let logProbabilities = texts.map { Self.logProbability($0, after: [1, 0], model) }
    let best = try #require(texts.indices.max { logProbabilities[$0] < logProbabilities[$1] })
    let found = try model.generate(prompt: prompt, length: length, beam: texts.count)
    #expect(found == texts[best].map { vocabulary.tokens[Int($0)] }.joined())
    let greedy = try model.generate(prompt: prompt, length: 20, sampling: Sampling(temperature: 0))
    #expect(try model.generate(prompt: prompt, length: 20, beam: 1) == greedy)
    #expect(try model.generate(prompt: prompt, length: 0, beam: 2).isEmpty)
  }
}
