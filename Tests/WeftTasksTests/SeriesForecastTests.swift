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

  @Test(
    "Contexts are as long as their series lets them be, from the least to the most", arguments: [1, 2, 5])
  func shortContexts(spacing: Int) {
    let series = [0..<9, 9..<12, 12..<16, 16..<17, 17..<40]
    let expected = series.flatMap { part in
      part.filter { ($0 - part.lowerBound - 2).isMultiple(of: spacing) && $0 >= part.lowerBound + 2 }
        .filter { $0 + 2 <= part.upperBound }.map { max(part.lowerBound, $0 - 6)..<$0 }
    }
    let contexts = ContextSteps(least: 2, most: 6)
    let starts = WindowStarts(series, contexts: contexts, horizon: 2, spacing: spacing)
    #expect((0..<starts.count).map { starts[$0] } == expected)
    #expect([0..<2, 3..<9, 4..<6, 0..<6].longestFirst(\.count) == [1, 3, 0, 2])
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
    let phase = try #require(dataset.traits.scaling.covariates)
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
        firsts += (0..<batch.rows).map {
          Int(phase.restored(Double(inputs[$0 * 16 + 1]), feature: 0).rounded()) - 1
        }
      }
      let spacing = shuffles ? 1 : 4
      let expected =
        Array(stride(from: 0, through: 18, by: spacing)) + Array(stride(from: 35, through: 49, by: spacing))
      #expect(firsts.sorted() == expected)
    }
  }

  @Test("Short contexts have their own steps, covariates and targets, in minibatches and predictions")
  func minibatchesOfShortContexts() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("data.h5")
    try Self.write(to: path)
    var configuration = Self.configuration(path)
    configuration.data.leastContext = 4
    configuration.data.knownAhead = 2
    configuration.data.standardizes = false
    let dataset = try DatasetFile(configuration)
    let values = try File(opening: path).dataset("train/inputs").read(as: Float.self)
    for shuffles in [true, false] {
      let source = try dataset.batches(split: "train", shuffles: shuffles)
      var origins: [Int] = []
      for index in 0..<source.batchesPerEpoch {
        let batch = try source.batch(epoch: 0, index: index)
        let inputs = try #require(batch.inputs.features)
        #expect(inputs.width == 3 && batch.lengths == batch.lengths.sorted(by: >))
        #expect(inputs.count == batch.lengths.reduce(0, +))
        guard case .values(let targets) = batch.targets else {
          Issue.record("targets are numbers")
          return
        }
        for row in 0..<batch.rows {
          let first = Int(inputs.values[batch.offsets[row] * 3 + 1]) - 1
          let origin = first + batch.lengths[row]
          let part = try #require([0..<30, 30..<35, 35..<61].first { $0.contains(first) })
          #expect(first == max(part.lowerBound, origin - 8) && origin + 4 <= part.upperBound)
          for step in 0..<batch.lengths[row] {
            let place = (batch.offsets[row] + step) * 3
            #expect(
              Array(inputs.values[place..<place + 3])
                == [values[first + step], Float(first + step + 1), Float(first + step + 2)])
          }
          for step in 0..<4 {
            let change = values[origin + step] - values[origin - 4 + step]
            #expect(targets.values[row * 4 + step] == change)
          }
          origins.append(origin)
        }
      }
      let spacing = shuffles ? 1 : 4
      let expected =
        Array(stride(from: 4, through: 26, by: spacing)) + Array(stride(from: 39, through: 57, by: spacing))
      #expect(origins.sorted() == expected)
    }
    // Predictions of minibatches of different lengths are those of one window at a time.
    let model = try ForecastTests.train(configuration, in: folder)
    #expect(try model.forecast(split: "test", origin: 5).history.count == 5)
    #expect(try model.forecast(split: "test", origin: 20).history.count == 8)
    let found = try model.forecastOrigins(split: "test", count: 100)
    #expect(found == Array(4...26) + Array(39...57))
    #expect(throws: WeftError.self) { try model.forecast(split: "test", origin: 38) }
    for (key, value) in [("data.least_context", 9), ("data.least_context", 3)] {
      var wrong = configuration
      wrong.data.leastContext = value
      let message = #expect(throws: WeftError.self) {
        try Trainer(wrong, output: folder.file("wrong"))
      }?.message
      #expect(message?.contains(value == 9 ? key : "data.season") == true)
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
        == "\(path): group /train: its longest series has 30 steps, fewer than data.context 28 plus data.horizon"
        + " 4; lower them")
    configuration.data.format = .dense
    #expect(
      message { _ = try Trainer(configuration, output: folder.file("other")) }?.contains("dense") == true)
  }
}
