import Foundation
import KernelInterface
import Testing

@testable import Weft

/// A job made of parts, as `docs/add-a-job.md` shows it.
@Suite struct TaggingJobTests {
  private static let source = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "TaggingJob.swift")

  /// The documentation holds the very code that is tested here.
  @Test func thePageHoldsThisCode() throws {
    let code = try String(contentsOf: Self.source, encoding: .utf8)
    let start = try #require(code.range(of: "/// Tags every step"))
    let page = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().appending(path: "docs/add-a-job.md")
    #expect(try String(contentsOf: page, encoding: .utf8).contains(code[start.lowerBound...]))
  }

  @Test func learnsWithTheSameBitsOnAnyNumberOfThreads() throws {
    let run = try TrainingRun(.signs)
    let dataset = try DatasetFile(run.configuration)
    let train = try dataset.batches(split: "train", shuffles: true)
    let validation = try dataset.batches(split: "validation", shuffles: false)
    func accuracies(threads: Int) throws -> [Double] {
      let job = TaggingJob(model: TaggingModel(hidden: 8, shape: try dataset.modelShape()))
      let data = DataParallel(
        model: job.model, parameters: job.model.initialParameters(seed: 3), engine: .baseline,
        threads: threads,
        lanes: 3)
      let optimizer = Optimizer(
        OptimizerConfiguration(), averageDecay: 0, parameters: data.parameters, layout: job.model.layout)
      return try (0..<20).map { epoch in
        for index in 0..<train.batchesPerEpoch {
          _ = data.backpropagate(
            try train.batch(epoch: epoch, index: index), loss: job.loss, initial: nil, final: nil,
            dropoutKey: nil, recordsGradientNorms: false)
          _ = GradientReduction().update(data, optimizer, learningRate: 0.02)
        }
        let measured = try job.measure(validation, on: data, carried: nil, thoroughly: false)
        return try #require(measured.value(of: job.standardMetric))
      }
    }
    let one = try accuracies(threads: 1)
    #expect(one[19] > 0.95)
    #expect(try accuracies(threads: 3) == one)
  }
}
