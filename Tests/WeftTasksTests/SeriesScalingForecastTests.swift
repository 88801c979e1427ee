import HDF5
import TestSupport
import Testing

@testable import WeftBase
@testable import WeftData
@testable import WeftModels
@testable import WeftTasks
@testable import WeftTraining

/// Forecasts of series that are each scaled by their own values.
@Suite("Forecasts of series scaled one by one") struct SeriesScalingForecastTests {
  /// A wave at four levels; the last series of validation and test are unknown in training.
  private static func write(to path: String) throws {
    let file = try File(creating: path)
    for (split, names, first) in [
      ("train", ["a", "b", "c"], 0), ("validation", ["b", "c", "x"], 60), ("test", ["c", "y"], 60),
    ] {
      let levels: [String: Float] = ["a": 0, "b": 1000, "c": -300, "x": 5000, "y": 40]
      let values = names.flatMap { name in
        (0..<60).map { step in levels[name, default: 0] + Float((first + step) % 6) }
      }
      try file.write("\(split)/inputs", values)
      try file.write("\(split)/offsets", names.indices.map { $0 * 60 } + [names.count * 60])
      try file.write("\(split)/names", names)
    }
    try file.close()
  }

  @Test(
    "Metrics and forecasts are in the units of each series", arguments: [OutputSteps.lastStep, .everyStep],
    [nil, 6])
  func units(output: OutputSteps, season: Int?) throws {
    if output == .everyStep, season != nil { return }
    let folder = try TemporaryFolder()
    let path = folder.file("data.h5")
    try Self.write(to: path)
    var configuration = ForecastTests.configuration(path, kind: .squaredError, output: output)
    configuration.data.covariates = []
    configuration.data.knownAhead = nil
    (configuration.data.context, configuration.data.horizon, configuration.data.season) = (12, 4, season)
    configuration.data.scalingBy = .series
    configuration.training.steps = season == nil ? 150 : 5
    let model = try ForecastTests.train(configuration, in: folder)
    let stored = try #require(model.traits.scaling.series)
    #expect(
      stored.names == ["a", "b", "c"] && stored.inputs?.count == 3 && model.traits.scaling.inputs == nil)
    // Trained or reread, the scales are the same.
    #expect(try DatasetFile(configuration).traits == model.traits)
    for (split, levels) in [("validation", [1000.0, -300, 5000]), ("test", [-300, 40])] {
      var (sum, count) = (0.0, 0)
      for (number, level) in levels.enumerated() {
        for origin in stride(from: number * 60 + 12, through: number * 60 + 56, by: 4) {
          let forecast = try model.forecast(split: split, origin: origin)
          let truth = forecast.groundTruth.map { $0[0] }
          #expect(truth == (origin..<origin + 4).map { level + Double($0 % 60 % 6) })
          #expect(forecast.history.allSatisfy { abs($0[0] - level - 2.5) <= 2.5 })
          for (value, wanted) in zip(forecast.median, truth) {
            sum += abs(value[0] - wanted)
            count += 1
          }
        }
      }
      let measured = try model.evaluate(split: split).metrics
      let error = try #require(measured.first { $0.metric == .meanAbsoluteError }?.value)
      #expect(abs(error - sum / Double(count)) < 1e-3 * max(1, error), "\(error) \(sum / Double(count))")
      #expect(error < 1, "levels are apart by hundreds: \(error)")
    }
  }
}
