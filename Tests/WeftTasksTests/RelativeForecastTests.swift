import Foundation
import HDF5
import TestSupport
import Testing
import WeftLayers
import WeftTraining

@testable import WeftBase
@testable import WeftData
@testable import WeftModels
@testable import WeftTasks

/// Forecasts relative to a level of each window, scaling of every kind, and covariates that are known in advance.
@Suite("Relative forecasts") struct RelativeForecastTests {
  /// Two growing series with a season of 6 in ragged splits, and the covariate c of each step.
  private static func write(to path: String) throws {
    let file = try File(creating: path)
    for (split, seed) in [("train", 1.0), ("validation", 2), ("test", 3)] {
      var values: [Float] = []
      var known: [Float] = []
      for series in 0..<2 {
        for step in 0..<60 {
          let growth = 20 + Double(series) * 300 + seed * 40 + Double(step)
          values.append(Float(growth * (1 + 0.1 * sin(2 * .pi * Double(step) / 6))))
          known.append(Float(sin(Double(step * step) + seed + Double(series))))
        }
      }
      try file.write("\(split)/inputs", values, shape: [120, 1])
      try file.write("\(split)/known", known)
      try file.write("\(split)/offsets", [0, 60, 120])
    }
    try file.close()
  }

  private static func configuration(_ path: String) -> Configuration {
    var configuration = Configuration()
    configuration.data.file = path
    configuration.data.context = 12
    configuration.data.horizon = 4
    configuration.data.standardizes = true
    configuration.data.shuffle = false
    configuration.model.cell = .gru
    configuration.model.hidden = 16
    configuration.model.output = .lastStep
    configuration.loss.kind = .squaredError
    configuration.training.batch = 16
    configuration.training.steps = 400
    configuration.training.clipNorm = 5
    configuration.optimizer.learningRate = 0.01
    return configuration
  }

  private static func train(_ configuration: Configuration) throws -> (TrainedModel, TemporaryFolder) {
    let folder = try TemporaryFolder()
    return (try ForecastTests.train(configuration, in: folder), folder)
  }

  /// The mean absolute error of a model after training, over the test split.
  private static func error(_ configuration: Configuration) throws -> Double {
    let (model, folder) = try train(configuration)
    defer { withExtendedLifetime(folder) {} }
    return try model.evaluate(split: "test").metrics[0].value
  }

  /// The series of a split, unscaled.
  private static func values(_ path: String, _ name: String) throws -> [Double] {
    try File(opening: path).dataset(name).read(as: Double.self)
  }

  @Test(
    "Inputs and targets are differences from the level, or ratios to it, and give back the numbers of the file",
    arguments: [WindowLevel.mean, .last], [false, true])
  func minibatches(level: WindowLevel, areRatios: Bool) throws {
    let folder = try TemporaryFolder()
    let path = folder.file("data.h5")
    try Self.write(to: path)
    for output in [OutputSteps.lastStep, .everyStep] {
      var configuration = Self.configuration(path)
      configuration.data.relativeTo = level
      configuration.data.ratios = areRatios
      configuration.model.output = output
      let dataset = try DatasetFile(configuration)
      let deviation = try #require(dataset.traits.scaling.inputs?.standardDeviations[0])
      let task = try configuration.makeTask(fitting: dataset.fittedData(Loss(configuration.loss)))
      let forecaster = try #require(task.forecaster)
      let values = try Self.values(path, "train/inputs")
      let batch = try dataset.batches(split: "train", shuffles: false).batch(epoch: 0, index: 0)
      let inputs = try #require(batch.inputs.features)
      for row in 0..<batch.rows {
        // Forecasts do not overlap: twelve windows of each series.
        let first = row / 12 * 60 + row % 12 * 4
        let context = values[first..<first + 12]
        let own = level == .mean ? context.reduce(0, +) / 12 : context[first + 11]
        for step in 0..<12 {
          let difference = areRatios ? values[first + step] / own - 1 : values[first + step] - own
          #expect(
            abs(Double(inputs.values[batch.offsets[row] + step]) - difference / Double(deviation)) < 1e-3)
        }
        let truth = forecaster.restored(forecaster.groundTruth(batch, row: row), batch, row: row)
        for (step, value) in truth.enumerated() { #expect(abs(value - values[first + 12 + step]) < 1e-2) }
      }
    }
  }

  @Test("Growing series are forecast far better than by their standardized values")
  func growth() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("data.h5")
    try Self.write(to: path)
    func error(_ change: (inout Configuration) -> Void) throws -> Double {
      var configuration = Self.configuration(path)
      configuration.data.shuffle = true
      change(&configuration)
      let (model, own) = try Self.train(configuration)
      defer { withExtendedLifetime(own) {} }
      // One forecast is that of the evaluation, in the units of the file.
      let forecast = try model.forecast(split: "test", origin: 40)
      let truth = try Self.values(path, "test/inputs")[40..<44]
      for (value, known) in zip(forecast.groundTruth, truth) { #expect(abs(value[0] - known) < 1e-2) }
      #expect(zip(forecast.median, truth).allSatisfy { abs($0[0] - $1) < 200 })
      return try model.evaluate(split: "test").metrics[0].value
    }
    let standardized = try error { _ in }
    let relative = try error { $0.data.relativeTo = .last }
    let ratios = try error {
      $0.data.relativeTo = .mean; $0.data.ratios = true
    }
    let seasonal = try error {
      $0.data.relativeTo = .mean; $0.data.season = 6; $0.data.ratios = true
    }
    let fedBack = try error {
      $0.data.relativeTo = .last; $0.model.output = .everyStep
    }
    #expect(relative < 0.7 * standardized && ratios < 0.5 * standardized && seasonal < 0.5 * standardized)
    #expect(fedBack < standardized)
  }

  @Test("What is known of all steps ahead is forecast from it at every horizon")
  func knownCovariates() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("data.h5")
    try Self.write(to: path)
    var configuration = Self.configuration(path)
    configuration.data.targets = "known"
    configuration.data.covariates = ["known"]
    configuration.data.shuffle = true
    let batch = try DatasetFile(configuration).batches(split: "train", shuffles: false).batch(
      epoch: 0, index: 0)
    let (inputs, known) = (try #require(batch.inputs.features), try Self.values(path, "train/known"))
    #expect(inputs.width == 5)
    for step in 0..<12 {
      for ahead in 0..<4 {
        #expect(abs(Double(inputs.values[step * 5 + 1 + ahead]) - known[step + 1 + ahead]) < 1e-6)
      }
    }
    let all = try Self.error(configuration)
    configuration.data.knownAhead = 1
    let next = try Self.error(configuration)
    #expect(all < 0.15 && all < 0.4 * next, "\(all), \(next)")
  }

  @Test(
    "Numbers are scaled as NumPy's quantiles tell", .enabled(if: Python.has("h5py", "numpy"), Python.missing))
  func kinds() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("data.h5")
    try Self.write(to: path)
    let found = try Python.run(
      """
      import h5py, numpy as np, sys
      x = h5py.File(sys.argv[1])['train/inputs'][:, 0].astype('f8')
      print(x.min(), x.max() - x.min(), np.median(x), np.percentile(x, 75) - np.percentile(x, 25))
      """, path)
    let numbers = found.output.split(separator: " ").compactMap {
      Double($0.trimmingCharacters(in: .whitespacesAndNewlines))
    }
    try #require(numbers.count == 4, "\(found.output)")
    for (kind, expected) in [(ScalingKind.minMax, numbers[0...1]), (.robust, numbers[2...3])] {
      var configuration = Self.configuration(path)
      configuration.data.standardizes = false
      configuration.data.scaling = kind
      let scale = try #require(try DatasetFile(configuration).traits.scaling.targets)
      #expect(
        abs(scale.offsets[0] - expected.first!) < 1e-4
          && abs(Double(scale.standardDeviations[0]) - expected.last!) < 1e-4)
    }
  }

  @Test(
    "Settings that contradict each other are refused",
    arguments: [
      ("data.horizon", "data.relative_to: needs 'data.horizon'"),
      ("ratios", "data.ratios: needs 'data.relative_to'"),
      ("ahead", "data.known_ahead: must not exceed 'data.horizon'"),
      ("scaling", "data.scaling: contradicts 'data.standardize'"),
    ])
  func contradictions(name: String, complaint: String) throws {
    var configuration = Self.configuration("data.h5")
    switch name {
    case "data.horizon":
      configuration.data.horizon = nil
      configuration.data.context = nil
      configuration.data.relativeTo = .last
    case "ratios": configuration.data.ratios = true
    case "ahead":
      configuration.data.covariates = ["known"]
      configuration.data.knownAhead = 5
    default: configuration.data.scaling = .robust
    }
    let error = #expect(throws: WeftError.self) { try configuration.validate() }
    #expect(error?.message.contains(complaint) == true, "\(error?.message ?? "")")
  }

  @Test("Ratios to a level that is not positive are refused with their place")
  func negativeLevel() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("data.h5")
    try Self.write(to: path)
    let file = try File(opening: path, mode: .readWrite)
    try file.delete("train/inputs")
    try file.write("train/inputs", [Float](repeating: -1, count: 120), shape: [120, 1])
    try file.close()
    var configuration = Self.configuration(path)
    configuration.data.relativeTo = .mean
    configuration.data.ratios = true
    let error = #expect(throws: WeftError.self) { _ = try DatasetFile(configuration) }
    #expect(
      error?.message.contains("ratios need positive values, so remove data.ratios") == true,
      "\(error?.message ?? "")")
  }
}
