import Foundation
import TestSupport
import Testing

@testable import WeftData
@testable import WeftLayers
@testable import WeftParallel

/// The task of `docs/add-a-task.md`.
@Suite struct TaggingTaskTests {
  private static let source = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "TaggingTask.swift")

  /// The documentation contains exactly the code tested here.
  @Test func thePageHoldsThisCode() throws {
    let code = try String(contentsOf: Self.source, encoding: .utf8)
    let start = try #require(code.range(of: "/// Tags every step"))
    let page = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "docs/add-a-task.md")
    #expect(try String(contentsOf: page, encoding: .utf8).contains(code[start.lowerBound...]))
  }

  @Test func learnsWithTheSameBitsOnAnyNumberOfThreads() throws {
    let run = try TrainingRun(.signs)
    let dataset = try DatasetFile(run.configuration)
    let shape = try dataset.modelShape(Loss(kind: .crossEntropy))
    let train = try dataset.batches(split: "train", shuffles: true)
    let validation = try dataset.batches(split: "validation", shuffles: false)
    func accuracies(threads: Int) throws -> [Double] {
      let task = TaggingTask(model: TaggingModel(hidden: 8, shape: shape), shape: shape)
      let executor = Executor(
        task.model, parameters: task.model.initialParameters(seed: 3), engine: .baseline,
        threads: threads,
        lanes: 3)
      let optimizer = Optimizer(
        OptimizerConfiguration(), averageDecay: nil, parameters: executor.parameters,
        layout: task.model.layout)
      return try (0..<20).map { epoch in
        for index in 0..<train.batchesPerEpoch {
          _ = task.model.backpropagate(
            try train.batch(epoch: epoch, index: index), loss: task.loss, initial: nil, final: nil,
            dropoutKey: nil, recordsGradientNorms: false, on: executor)
          _ = ParameterUpdate().apply(optimizer, learningRate: 0.02, on: executor)
        }
        let measured = try task.measure(
          validation, carried: nil, fullEvaluation: false, on: executor)
        return try #require(measured.value(of: task.primaryMetric))
      }
    }
    let one = try accuracies(threads: 1)
    #expect(one[19] > 0.95)
    #expect(try accuracies(threads: 3) == one)
  }
}
