import HDF5
import TestSupport
import Testing

@testable import WeftBase
@testable import WeftData
@testable import WeftTasks
@testable import WeftTraining

/// Forecasts of many series in one dataset.
@Suite("Forecasts of several series") struct SeriesForecastTests {
  @Test("Windows are within a series, wherever they start", arguments: [1, 2, 5])
  func windows(spacing: Int) {
    let series = [0..<9, 9..<12, 12..<16, 16..<17, 17..<40]
    let expected = series.flatMap { part in
      part.filter { start in
        (start - part.lowerBound).isMultiple(of: spacing) && start + 4 <= part.upperBound
      }
    }
    let starts = WindowStarts(series, contexts: ContextSteps(most: 3), horizon: 1, spacing: spacing)
    #expect((0..<starts.count).map { starts[$0] } == expected.map { $0..<$0 + 3 })
  }

  /// Three series with different offsets that rise by 0.5 per step, of 30, 5 and 26 steps.
  private static func write(to path: String) throws {
    let file = try File(creating: path)
    for split in ["train", "validation", "test"] {
      var values: [Float] = []
      for (count, height) in [(30, 100), (5, -900), (26, 300)] {
        for step in 0..<count { values.append(Float(height + step % 4) + Float(step) / 2) }
      }
      try file.write("\(split)/inputs", values)
      try file.write("\(split)/phase", values.indices.map { Float($0) })
      try file.write("\(split)/offsets", [0, 30, 35, 61])
    }
    try file.close()
  }

  private static func configuration(_ path: String) -> Configuration {
    var configuration = ForecastTests.configuration(path, kind: .gaussian, output: .lastStep)
    configuration.data.context = 8
    configuration.data.horizon = 4
    configuration.data.season = 4
    configuration.data.covariates = ["phase"]
    configuration.training.steps = 40
    return configuration
  }

  @Test("No window reaches into another series, and differences are all of the same one")
  func minibatches() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("data.h5")
    try Self.write(to: path)
    let configuration = Self.configuration(path)
    let dataset = try DatasetFile(configuration)
    let deviation = try #require(dataset.traits.scaling.targets?.standardDeviations[0])
    // Every difference from four steps before is two; none between series counts.
    #expect(abs(deviation - 2) < 1e-5)
    for shuffles in [true, false] {
      let source = try dataset.batches(split: "train", shuffles: shuffles)
      var firsts: [Int] = []
      for index in 0..<source.batchesPerEpoch {
        let batch = try source.batch(epoch: 0, index: index)
        guard case .features(let steps) = batch.inputs, case let inputs = steps.values, steps.width == 2,
          case .values(let truths) = batch.targets, case let targets = truths.values, truths.width == 4
        else {
          Issue.record("windows are of numbers")
          return
        }
        #expect(targets.allSatisfy { abs($0 - 1) < 1e-4 })
        // A step's covariate is that of the next.
        firsts += (0..<batch.rows).map { Int(inputs[$0 * 16 + 1]) - 1 }
      }
      let spacing = shuffles ? 1 : 4
      let expected =
        Array(stride(from: 0, through: 18, by: spacing)) + Array(stride(from: 35, through: 49, by: spacing))
      #expect(firsts.sorted() == expected)
    }
  }

  @Test("A forecast continues its own series")
  func forecasts() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("data.h5")
    try Self.write(to: path)
    var configuration = Self.configuration(path)
    let model = try ForecastTests.train(configuration, in: folder)
    let first = try model.forecast(split: "test", origin: 28)
    #expect(first.groundTruth.count == 2)
    for (step, value) in first.median.enumerated() {
      let wanted = Double(100 + (28 + step) % 4) + Double(28 + step) / 2
      #expect(abs(value[0] - wanted) < 1)
    }
    let second = try model.forecast(split: "test", origin: 47)
    #expect(second.history.count == 8 && abs(second.history[0][0] - (300 + 2)) < 1e-3)
    func message(_ body: () throws -> Void) -> String? {
      #expect(throws: WeftError.self) { try body() }?.message
    }
    #expect(
      message { _ = try model.forecast(split: "test", origin: 35) }
        == "\(path): group /test: a forecast needs 8 preceding steps (data.context); none of its 3 series has"
        + " that many before step 35")
    #expect(
      message { _ = try model.forecast(split: "test", origin: 30) }?.contains("covariates end") == true)
    configuration.data.context = 28
    #expect(
      message { _ = try Trainer(configuration, output: folder.file("other")) }
        == "\(path): group /train: its longest series has 30 steps, fewer than data.context 28 plus data.horizon 4"
    )
    configuration.data.format = .dense
    #expect(
      message { _ = try Trainer(configuration, output: folder.file("other")) }?.contains("dense") == true)
  }
}
