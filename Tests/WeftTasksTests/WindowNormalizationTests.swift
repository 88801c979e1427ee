import Foundation
import HDF5
import TestSupport
import Testing

@testable import WeftBase
@testable import WeftData
@testable import WeftLayers
@testable import WeftModels
@testable import WeftTasks
@testable import WeftTraining

/// Windows that are normalized by the mean and standard deviation of their contexts.
@Suite("Normalized windows") struct WindowNormalizationTests {
  private static let (context, horizon, steps) = (12, 4, 60)

  /// Two series of two features in each split, at different levels and of different sizes, and a covariate.
  private static func write(to path: String, scale: Float = 1) throws {
    let file = try File(creating: path)
    for (split, seed) in [("train", 1.0), ("validation", 2), ("test", 3)] {
      var values: [Float] = []
      for series in 0..<2 {
        for step in 0..<steps {
          let size = series == 0 ? 1.0 : 200
          let phase = Double(step) + seed
          values.append(scale * Float(size * (3 + sin(phase) + 0.1 * Double(step))))
          values.append(scale * Float(size * (cos(phase / 2) - 7)))
        }
      }
      try file.write("\(split)/inputs", values, shape: [2 * steps, 2])
      try file.write("\(split)/known", (0..<2 * steps).map { Float($0 % 7) })
      try file.write("\(split)/offsets", [0, steps, 2 * steps])
    }
    try file.close()
  }

  private static func configuration(_ path: String) -> Configuration {
    var configuration = Configuration()
    configuration.data.file = path
    configuration.data.context = context
    configuration.data.horizon = horizon
    configuration.data.normalization = .window
    configuration.data.shuffle = false
    configuration.model.cell = .gru
    configuration.model.hidden = 8
    configuration.model.output = .lastStep
    configuration.loss.kind = .squaredError
    configuration.training.batch = 8
    configuration.training.steps = 20
    configuration.optimizer.learningRate = 0.01
    return configuration
  }

  /// `m = x.mean(1, keepdim=True)` and `torch.sqrt(torch.var(x, 1, keepdim=True, unbiased=False))` in PyTorch, as in RevIN.
  @Test func theDeviationIsPyTorchs() {
    let values: [Float] = [3, -500, 4, -480, 6, -510, 5, -470, 9, -505, 7, -490]
    let golden: [(level: Float, deviation: Float)] = [(5.6667, 1.9720), (-492.5, 14.0683)]
    let scale = WindowScale(level: .mean, unit: .deviation)
    for (column, golden) in golden.enumerated() {
      let known = scale.known(values[...], width: 2, column: column)
      #expect(abs(scale.level(of: known) - golden.level) < 1e-4)
      #expect(abs(WindowUnit.deviation(of: known) - golden.deviation) < 1e-4)
    }
  }

  @Test(
    "What hardly varies is divided by a share of its size, and zeros by 1",
    arguments: [
      ([5, 5, 5], 0.005), ([0, 0, 0], 1), ([], 1), ([-2000, -2000], 2),
      ([1000, 1000.1, 999.9], 1), ([1e-30, 1e-30], 1e-33), ([3e38, -3e38], 3e38), ([0, 2], 1),
    ] as [([Float], Float)])
  func flatContexts(values: [Float], expected: Float) {
    #expect(abs(WindowUnit.deviation(of: values) / expected - 1) < 1e-4)
  }

  @Test(
    "Inputs and targets are in deviations from the level, and give back the numbers of the file",
    arguments: [WindowLevel.none, .mean, .last], [nil, 3])
  func minibatches(level: WindowLevel, season: Int?) throws {
    let folder = try TemporaryFolder()
    let path = folder.file("data.h5")
    try Self.write(to: path)
    for output in season == nil ? [OutputSteps.lastStep, .everyStep] : [.lastStep] {
      var configuration = Self.configuration(path)
      configuration.data.relativeTo = level
      configuration.data.season = season
      configuration.data.covariates = ["known"]
      configuration.data.knownAhead = output == .everyStep ? nil : 2
      configuration.model.output = output
      let dataset = try DatasetFile(configuration)
      #expect(dataset.traits.scaling.inputs == nil && dataset.traits.scaling.targets == nil)
      let task = try configuration.makeTask(fitting: dataset.fittedData(Loss(configuration.loss)))
      let forecaster = try #require(task.forecaster)
      let values = try File(opening: path).dataset("train/inputs").read(as: Double.self)
      let batch = try dataset.batches(split: "train", shuffles: false).batch(epoch: 0, index: 0)
      let inputs = try #require(batch.inputs.features)
      #expect(inputs.width == (output == .everyStep ? 3 : 4))
      for row in 0..<batch.rows {
        let first = row / 12 * Self.steps + row % 12 * Self.horizon
        func value(_ step: Int, _ feature: Int) -> Double { values[(first + step) * 2 + feature] }
        let truth = forecaster.groundTruth(batch, row: row)
        let restored = forecaster.restored(truth, batch, row: row)
        for feature in 0..<2 {
          let own = (0..<Self.context).map { value($0, feature) }
          let mean = own.reduce(0, +) / Double(own.count)
          let deviation = (own.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / Double(own.count))
            .squareRoot()
          let center = level == .last ? own[own.count - 1] : mean
          for step in 0..<Self.context {
            let place = (batch.offsets[row] + step) * inputs.width + feature
            #expect(abs(Double(inputs.values[place]) - (own[step] - center) / deviation) < 1e-3)
          }
          for step in 0..<Self.horizon {
            let target = value(Self.context + step, feature)
            let origin = season.map { own[own.count - $0 + step % $0] } ?? center
            #expect(abs(truth[step * 2 + feature] - (target - origin) / deviation) < 1e-3)
            #expect(abs(restored[step * 2 + feature] / target - 1) < 1e-5)
          }
        }
        // Covariates are what they are.
        let known = Double((first + 1) % 7)
        #expect(Double(inputs.values[batch.offsets[row] * inputs.width + 2]) == known)
      }
    }
  }

  @Test("With another unit of the data, the losses have the same bits and forecasts the other unit")
  func units() throws {
    let folder = try TemporaryFolder()
    var found: [(loss: Double, error: Double, forecast: [[Double]])] = []
    for (name, scale) in [("small.h5", Float(1)), ("large.h5", 1024)] {
      let path = folder.file(name)
      try Self.write(to: path, scale: scale)
      var configuration = Self.configuration(path)
      configuration.loss.kind = .quantile
      configuration.data.season = 6
      let own = try TemporaryFolder()
      let model = try ForecastTests.train(configuration, in: own)
      let measured = try model.evaluate(split: "test")
      let forecast = try model.forecast(split: "test", origin: 40)
      found.append((measured.loss, measured.metrics[0].value, forecast.quantiles[0]))
    }
    #expect(found[0].loss == found[1].loss && found[0].loss > 0)
    #expect(found[1].error == 1024 * found[0].error)
    #expect(found[1].forecast == found[0].forecast.map { $0.map { 1024 * $0 } })
  }

  @Test("A series far smaller than the others is forecast as well as they are")
  func sizes() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("data.h5")
    try Self.write(to: path)
    func error(_ change: (inout Configuration) -> Void) throws -> Double {
      var configuration = Self.configuration(path)
      configuration.data.shuffle = true
      configuration.training.steps = 400
      change(&configuration)
      let own = try TemporaryFolder()
      let model = try ForecastTests.train(configuration, in: own)
      // Of the small series, whose waves have an amplitude of 1.
      let forecast = try model.forecast(split: "test", origin: 40)
      let errors = zip(forecast.median, forecast.groundTruth).map { abs($0[0] - $1[0]) }
      return errors.reduce(0, +) / Double(errors.count)
    }
    let normalized = try error { _ in }
    let standardized = try error { ($0.data.normalization, $0.data.standardizes) = (.none, true) }
    #expect(normalized < 0.5 && normalized < 0.3 * standardized, "\(normalized), \(standardized)")
    let fedBack = try error { ($0.model.output, $0.data.standardizes) = (.everyStep, true) }
    #expect(fedBack < 0.8, "\(fedBack)")
  }

  @Test(
    "Settings that contradict it are refused",
    arguments: [
      ("horizon", "data.normalization: needs 'data.horizon'"),
      ("ratios", "data.normalization: contradicts 'data.ratios'"),
      ("context", "data.normalization: needs 'data.context' of at least 2"),
      ("series", "data.scaling_by: cannot be combined with 'data.normalization'"),
      (
        "counts",
        "loss.kind: of counts or amounts cannot be combined with 'data.relative_to', 'normalization'"
      ),
    ])
  func contradictions(name: String, complaint: String) throws {
    var configuration = Self.configuration("data.h5")
    switch name {
    case "horizon": (configuration.data.horizon, configuration.data.context) = (nil, nil)
    case "ratios": (configuration.data.relativeTo, configuration.data.ratios) = (.mean, true)
    case "context": configuration.data.context = 1
    case "series": (configuration.data.scalingBy, configuration.data.standardizes) = (.series, true)
    default: configuration.loss.kind = .poisson
    }
    let error = #expect(throws: WeftError.self) { try configuration.validate() }
    #expect(error?.message.contains(complaint) == true, "\(error?.message ?? "")")
  }
}
