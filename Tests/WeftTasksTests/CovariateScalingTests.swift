import Foundation
import HDF5
import TestSupport
import Testing

@testable import WeftBase
@testable import WeftData
@testable import WeftTasks
@testable import WeftTraining

/// Covariates of an unusual size, such as prices, are scaled by numbers of the training split; flags are not.
@Suite("Scaling of covariates") struct CovariateScalingTests {
  /// A price about 1,000 and a flag; and the price once more, as whoever prepares data would standardize it.
  private static func price(_ step: Int) -> Double { 1000 + 50 * Double(step * 7919 % 101) / 101 }
  private static func flag(_ step: Int) -> Double { step * 31 % 5 < 2 ? 1 : 0 }
  private static let trainingSteps = 200

  private static let moments: (mean: Double, deviation: Double) = {
    let prices = (0..<trainingSteps).map(price)
    let mean = prices.reduce(0, +) / Double(prices.count)
    let square = prices.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(prices.count)
    return (mean, square.squareRoot())
  }()

  private static func write(to path: String, isStandardized: Bool) throws {
    let file = try File(creating: path)
    func covariates(_ steps: Range<Int>) -> [Double] {
      steps.flatMap {
        [isStandardized ? (price($0) - moments.mean) / moments.deviation : price($0), flag($0)]
      }
    }
    var first = 0
    for (split, count) in [("train", trainingSteps), ("validation", 60), ("test", 60)] {
      let steps = first..<first + count
      try file.write("\(split)/inputs", steps.map { price($0) / 10 + 3 * flag($0) }, shape: [count, 1])
      try file.write("\(split)/covariates", covariates(steps), shape: [count, 2])
      if split == "test" {
        try file.write(
          "test/future/covariates", covariates(steps.upperBound..<steps.upperBound + 4), shape: [4, 2])
      }
      first += count
    }
    try file.close()
  }

  private static func configuration(_ path: String, scaling: ScalingKind = .standard) -> Configuration {
    var configuration = ForecastTests.configuration(path, kind: .squaredError, output: .lastStep)
    configuration.data.covariates = ["covariates"]
    (configuration.data.context, configuration.data.horizon, configuration.data.knownAhead) = (8, 4, nil)
    configuration.data.scaling = scaling
    configuration.training.steps = 60
    configuration.training.evaluateEvery = 60
    return configuration
  }

  @Test(arguments: [false, true])
  func areAsIfPreparedByHand(isRelative: Bool) throws {
    let folder = try TemporaryFolder()
    var forecasts: [[Double]] = []
    for isStandardized in [false, true] {
      let path = folder.file("\(isStandardized).h5")
      try Self.write(to: path, isStandardized: isStandardized)
      var configuration = Self.configuration(path)
      if isRelative { configuration.data.relativeTo = .last }
      let output = folder.file("run-\(isStandardized)")
      try Trainer(configuration, output: output, threads: 2).run()
      let model = try TrainedModel(output, threads: 2)
      let scale = model.traits.scaling.covariates
      if isStandardized {
        #expect(scale == nil)
      } else {
        let scale = try #require(scale)
        #expect(abs(scale.offsets[0] - Self.moments.mean) < 1e-3 && scale.offsets[1] == 0)
        #expect(abs(Double(scale.standardDeviations[0]) - Self.moments.deviation) < 1e-4)
        #expect(scale.standardDeviations[1] == 1)
      }
      let batch = try DatasetFile(configuration).batches(split: "train", shuffles: false).batch(
        epoch: 0, index: 0)
      guard case .features(let steps) = batch.inputs else { throw WeftError.data("windows are of numbers") }
      // A series, and two covariates of the next four steps.
      #expect(steps.width == 9)
      for step in 0..<8 {
        for ahead in 0..<4 {
          let values = steps.values[step * 9 + 1 + 2 * ahead..<step * 9 + 3 + 2 * ahead]
          let wanted = (Self.price(step + 1 + ahead) - Self.moments.mean) / Self.moments.deviation
          #expect(abs(Double(values.first ?? .nan) - wanted) < 1e-4)
          #expect(Double(values.last ?? .nan) == Self.flag(step + 1 + ahead))
        }
      }
      // What follows the series reads the covariates of the future.
      forecasts.append(try model.forecast(split: "test").median.map { $0[0] })
    }
    #expect(forecasts[0].count == 4)
    for (raw, prepared) in zip(forecasts[0], forecasts[1]) {
      #expect(abs(raw - prepared) < 0.05, "\(forecasts)")
    }
  }

  /// Beside relative windows, static features are scaled as covariates are.
  @Test(arguments: [WindowLevel.none, .last]) func staticFeatures(level: WindowLevel) throws {
    let folder = try TemporaryFolder()
    let path = folder.file("data.h5")
    let file = try File(creating: path)
    let sizes = [4000.0, 1000, 2500, 7000]
    for split in ["train", "validation", "test"] {
      let values = sizes.indices.flatMap { shop in (0..<30).map { Double(shop * 10 + $0 % 5) + 50 } }
      try file.write("\(split)/inputs", values, shape: [120, 1])
      try file.write("\(split)/offsets", [0, 30, 60, 90, 120])
      try file.write("\(split)/static", sizes.enumerated().flatMap { [$1, Double($0 % 2)] }, shape: [4, 2])
    }
    try file.close()
    var configuration = Self.configuration(path)
    configuration.data.covariates = []
    configuration.data.staticInputs = ["static"]
    configuration.data.relativeTo = level
    let dataset = try DatasetFile(configuration)
    let mean = sizes.reduce(0, +) / 4
    let deviation = (sizes.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 4).squareRoot()
    let batches = try dataset.batches(split: "train", shuffles: false)
    let batch = try batches.batch(epoch: 0, index: 0)
    guard case .features(let steps) = batch.inputs else { throw WeftError.data("windows are of numbers") }
    #expect(steps.width == 3)
    // The first window is of the first shop.
    #expect(abs(Double(steps.values[1]) - (4000 - mean) / deviation) < 1e-5)
    #expect(level == .none ? steps.values[2] == -1 : steps.values[2] == 0)
    #expect((dataset.traits.scaling.statics != nil) == (level == .last))
    // Checkpoints keep it.
    let scaling = dataset.traits.scaling
    #expect(Scaling(scaling.arrays) == scaling)
  }

  @Test(arguments: [ScalingKind.minMax, .robust, .none])
  func otherScalings(kind: ScalingKind) throws {
    let folder = try TemporaryFolder()
    let path = folder.file("data.h5")
    try Self.write(to: path, isStandardized: false)
    var configuration = Self.configuration(path, scaling: kind)
    configuration.data.standardizes = false
    let scale = try DatasetFile(configuration).traits.scaling.covariates
    let prices = (0..<Self.trainingSteps).map(Self.price).sorted()
    switch kind {
    case .minMax:
      #expect(scale?.offsets == [Double(Float(prices[0])), 0])
      #expect(scale?.standardDeviations[0] == Float(prices[prices.count - 1] - prices[0]))
    case .robust:
      let found = try #require(scale)
      #expect(abs(found.offsets[0] - prices[prices.count / 2]) < 1)
    default: #expect(scale == nil)
    }
  }
}
