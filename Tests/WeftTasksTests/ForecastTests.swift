import Foundation
import HDF5
import TestSupport
import Testing

@testable import WeftBase
@testable import WeftData
@testable import WeftLayers
@testable import WeftMetrics
@testable import WeftModels
@testable import WeftParallel
@testable import WeftTasks
@testable import WeftTensor
@testable import WeftTraining

/// Distributions, forecasts and anomaly detection.
@Suite("Forecasts") struct ForecastTests {
  /// scipy.stats.norm.ppf, scipy.stats.t.ppf, scipy.special.betainc.
  @Test func quantileFunctionsAreSciPys() {
    let normal = [
      (1e-4, -3.7190164854556804), (0.1, -1.2815515655446004), (0.9, 1.2815515655446004),
      (0.975, 1.959963984540054),
    ]
    for (probability, expected) in normal {
      #expect(abs(QuantileFunction.normal(probability) / expected - 1) < 1e-10)
    }
    let student = [
      (0.975, 5, 2.5705818356363146), (0.9, 2.5, 1.7302509288071766), (1e-4, 2.01, -69.44339984991808),
      (0.3, 40, -0.5286056795508961), (0.999, 1000, 3.0984021639129233),
    ]
    for (probability, freedom, expected) in student {
      #expect(abs(QuantileFunction.student(probability, degreesOfFreedom: freedom) / expected - 1) < 1e-9)
    }
    let beta = [
      (0.3, 2.5, 0.5, 0.018927124071945658), (0.9, 20, 0.5, 0.041327483918087285), (0.5, 1, 1, 0.5),
    ]
    for (x, a, b, expected) in beta {
      #expect(abs(QuantileFunction.incompleteBeta(x, a, b) / expected - 1) < 1e-12)
    }
    #expect(QuantileFunction.normal(0.5) == 0 && QuantileFunction.student(0.5, degreesOfFreedom: 3) == 0)
  }

  /// −scipy.stats.norm.logpdf(1.7, 0.4, 1.3), −scipy.stats.t.logpdf(1.7, 3.2, 0.4, 1.3).
  @Test func distributionsAreReadFromOutputs() {
    let gaussian = PredictedDistribution.gaussian(mean: 0.4, standardDeviation: 1.3)
    #expect(abs(gaussian.surprise(1.7) - 1.6813027976721635) < 1e-12)
    #expect(abs(gaussian.quantile(0.9) - (0.4 + 1.3 * 1.2815515655446004)) < 1e-9)
    let student = PredictedDistribution.student(location: 0.4, scale: 1.3, degreesOfFreedom: 3.2)
    #expect(abs(student.surprise(1.7) - 1.8293359105694382) < 1e-12)
    let quantiles = Loss(kind: .quantile, quantiles: [0.1, 0.5, 0.9]).distributions([3, 1, 2, 0, 5, 9])
    #expect(
      quantiles[0] == .quantiles(levels: [Double(Float(0.1)), 0.5, Double(Float(0.9))], values: [2, 3, 5]))
    #expect(quantiles[1].median == 1)
    #expect(abs(quantiles[0].quantile(0.7) - 4) < 1e-6)
    #expect(quantiles[0].quantile(0.01) == 2 && quantiles[0].quantile(0.99) == 5)
    #expect(Loss(kind: .squaredError).distributions([4]) == [.point(4)])
  }

  /// scipy.stats.nbinom(1 / α, 1 / (1 + αμ)) and poisson(μ): ppf of 0.05, 0.5, 0.9 and 0.99, −logpmf(5).
  @Test(arguments: [
    (3.7, 0.8, [0.0, 3, 9, 17], 2.6451947356050907), (120, 0.05, [76, 118, 158, 197], 29.031602912111783),
    (0.2, 2.5, [0, 0, 1, 2], 7.44170901471857), (900, 0, [851, 900, 939, 971], 870.7755179261605),
  ])
  func countsHaveTheirDistribution(
    mean: Double, dispersion: Double, quantiles: [Double], surprise: Double
  ) {
    let found: PredictedDistribution =
      dispersion == 0 ? .poisson(rate: mean) : .negativeBinomial(mean: mean, dispersion: dispersion)
    #expect([0.05, 0.5, 0.9, 0.99].map(found.quantile) == quantiles)
    #expect(abs(found.surprise(5) / surprise - 1) < 1e-12)
  }

  /// ∫ (F(y) − [y ≥ value])² dy, integrated by scipy.integrate.quad, or summed over counts.
  @Test func rankedProbabilityScoresAreIntegrals() {
    for (distribution, value, expected) in [
      (PredictedDistribution.gaussian(mean: 0.4, standardDeviation: 1.3), 1.7, 0.7831737649159014),
      (.student(location: 0.4, scale: 1.3, degreesOfFreedom: 3.2), 1.7, 0.7903186417584935),
      (.negativeBinomial(mean: 3.7, dispersion: 0.8), 5, 1.3642458821131487),
      (.poisson(rate: 900), 880, 12.069548288897371), (.poisson(rate: 2), 3, 0.6645295768061842),
      (.point(2), 3.5, 1.5),
      (.samples([-1, 0.25, 0.5, 2, 7.5]), 1.2, 0.69), (.samples([-1, 0.25, 0.5, 2, 7.5]), -3, 3.35),
    ] {
      #expect(abs(distribution.rankedProbabilityScore(value) - expected) < 1e-8, "\(distribution)")
    }
  }

  /// Days of 12 steps with noise, far from 0 and 1.
  static func writeSeries(to path: String, spike: Int? = nil) throws {
    let file = try File(creating: path, overwrite: true)
    var random = SplitMix(seed: 17)
    for (split, count) in [("train", 400), ("validation", 120), ("test", 120)] {
      var values = (0..<count).map { step -> Float in
        let mean: Double = 50 + 8 * sin(2 * Double.pi * Double(step) / 12)
        return Float(mean) + Float.random(in: -1...1, using: &random)
      }
      if split == "test", let spike {
        values[spike] += 12
        try file.write("\(split)/labels", (0..<count).map { Int8($0 == spike ? 1 : 0) })
      }
      try file.write("\(split)/inputs", values, shape: [count, 1])
      let hours = (0..<count).flatMap { step -> [Float] in
        let angle = 2 * Double.pi * Double(step) / 12
        return [Float(sin(angle)), Float(cos(angle))]
      }
      try file.write("\(split)/hour", hours, shape: [count, 2])
    }
    try file.close()
  }

  static func configuration(_ path: String, kind: LossType, output: OutputSteps) -> Configuration {
    var configuration = Configuration()
    configuration.data.file = path
    configuration.data.context = 24
    configuration.data.horizon = 12
    configuration.data.standardizes = true
    configuration.data.covariates = ["hour"]
    configuration.data.knownAhead = output == .everyStep ? nil : 1
    configuration.model.cell = .gru
    configuration.model.hidden = 12
    configuration.model.output = output
    configuration.loss.kind = kind
    configuration.training.batch = 24
    configuration.training.lanes = 4
    configuration.training.steps = 100
    configuration.training.evaluateEvery = 100
    configuration.training.clipNorm = 5
    configuration.optimizer.learningRate = 0.02
    return configuration
  }

  static func train(_ configuration: Configuration, in folder: TemporaryFolder, threads: Int = 2) throws
    -> TrainedModel
  {
    let output = folder.file("run-\(threads)")
    try Trainer(configuration, output: output, threads: threads).run()
    return try TrainedModel(output, threads: threads)
  }

  static let kinds: [(LossType, OutputSteps)] = [
    (.squaredError, .lastStep), (.gaussian, .lastStep), (.student, .everyStep), (.quantile, .attention),
    (.squaredError, .everyStep), (.quantile, .everyStep),
  ]

  @Test("A noisy season is forecast in its original units, with calibrated intervals", arguments: kinds)
  func season(kind: LossType, output: OutputSteps) throws {
    let folder = try TemporaryFolder()
    let path = folder.file("data.h5")
    try Self.writeSeries(to: path)
    let model = try Self.train(Self.configuration(path, kind: kind, output: output), in: folder)
    let measured = try model.evaluate(split: "test").metrics
    let error = try #require(measured.first { $0.metric == .meanAbsoluteError }?.value)
    // The noise alone gives 0.5, the series' mean 5.1.
    #expect(error > 0.4 && error < 1.1, "\(error)")
    if kind != .squaredError {
      let coverage = try #require(measured.first { $0.metric == .coverage }?.value)
      #expect(coverage > 0.6 && coverage < 0.98, "\(coverage)")
    }
    let forecast = try model.forecast(split: "test", origin: 60)
    #expect(forecast.history.count == 24 && forecast.median.count == 12 && forecast.groundTruth.count == 12)
    for (step, value) in forecast.median.enumerated() {
      let season = 50 + 8 * sin(2 * Double.pi * Double(60 + step) / 12)
      #expect(abs(value[0] - season) < 3)
    }
    #expect(forecast.levels.isEmpty == (kind == .squaredError))
    for (lower, upper) in zip(forecast.quantiles, forecast.quantiles.dropFirst()) {
      #expect(zip(lower, upper).allSatisfy { $0[0] <= $1[0] })
    }
  }

  @Test("A forecast has the same bits for any number of threads, and others for another seed")
  func sameBits() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("data.h5")
    try Self.writeSeries(to: path)
    var configuration = Self.configuration(path, kind: .gaussian, output: .everyStep)
    configuration.training.steps = 8
    configuration.training.evaluateEvery = 4
    let one = try Self.train(configuration, in: folder, threads: 1)
    let three = try Self.train(configuration, in: folder, threads: 3)
    let forecast = try one.forecast(horizon: 20, split: "test", origin: 90)
    #expect(try three.forecast(horizon: 20, split: "test", origin: 90) == forecast)
    #expect(try one.forecast(horizon: 20, split: "test", origin: 90, seed: 2) != forecast)
    #expect(try one.evaluate(split: "validation") == three.evaluate(split: "validation"))
    #expect(forecast.median.count == 20 && forecast.groundTruth.count == 20)
  }

  @Test("Samples of a window do not depend on the others of its minibatch")
  func windowsAreIndependent() {
    var configuration = ModelConfiguration()
    (configuration.cell, configuration.hidden) = (.gru, 5)
    let model = SequenceModel(configuration, shape: ModelShape(input: .features(1), outputs: 2))
    let executor = Executor(
      model, parameters: model.initialParameters(seed: 3), engine: .baseline, threads: 2, lanes: 4)
    let forecaster = Forecaster(
      model: model, executor: executor, loss: Loss(kind: .gaussian), isDirect: false, context: 6, horizon: 4,
      targets: 1)
    var random = SplitMix(seed: 4)
    let windows = (0..<3).map { _ in random.floats(10) }
    func forecast(_ windows: [[Float]]) -> [Forecaster.Result] {
      let inputs = Steps<FeatureArray>.features(windows.flatMap(\.self), width: 1)
      return forecaster.forecast(
        Minibatch(lengths: windows.map(\.count), inputs: inputs, targets: nil), levels: [0.1, 0.9])
    }
    let together = forecast(windows)
    for (window, result) in zip(windows, together) { #expect(forecast([window]) == [result]) }
    #expect(together.allSatisfy { $0.distributions.count == 4 && $0.quantiles[0] != $0.quantiles[1] })
  }

  @Test("Impossible forecasts are rejected with a reason")
  func errors() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("data.h5")
    try Self.writeSeries(to: path)
    var configuration = Self.configuration(path, kind: .gaussian, output: .lastStep)
    configuration.training.steps = 1
    let model = try Self.train(configuration, in: folder)
    func message(_ body: () throws -> Void) -> String? {
      #expect(throws: WeftError.self) { try body() }?.message
    }
    #expect(
      message { _ = try model.forecast(horizon: 13, split: "test") }
        == "horizon must be between 1 and 12, which the model forecasts at once, not 13")
    #expect(
      message { _ = try model.forecast(split: "test", origin: 23) }
        == "\(path): group /test: a forecast needs 24 preceding steps (data.context); the group has 120, so"
        + " --origin must be between 24 and 120")
    #expect(
      message { _ = try model.forecast(split: "test") }
        == "\(path): group /test: covariates end at step 120, but a forecast from step 120 needs them up to 121;"
        + " use an earlier --origin, or end the table with rows of covariates alone, which weft data table keeps"
    )
    configuration.data.context = 110
    #expect(
      message { _ = try Trainer(configuration, output: folder.file("other")) }
        == "\(path): group /validation: has 120 steps, fewer than data.context 110 plus data.horizon 12; lower"
        + " them, or begin the group with the steps before it (weft data table --lead-in)")
    configuration = Self.configuration(path, kind: .gaussian, output: .everyStep)
    configuration.data.inputs = ["inputs", "hour"]
    configuration.data.targets = "inputs"
    #expect(
      message { _ = try Trainer(configuration, output: folder.file("other")) }
        == "\(path): dataset /train/inputs: forecasts are fed back (model.output: every-step), so the input must be the forecast"
        + " series 'inputs', alone; pass other known variables as data.covariates")
  }

  @Test("Means and standard deviations are those of the training split, and part of the checkpoint")
  func scaling() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("data.h5")
    try Self.writeSeries(to: path)
    var configuration = Self.configuration(path, kind: .squaredError, output: .lastStep)
    configuration.training.steps = 1
    let model = try Self.train(configuration, in: folder)
    let values = try File(opening: path).dataset("train/inputs").read(as: Double.self)
    let mean = values.reduce(0, +) / Double(values.count)
    let deviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)).squareRoot()
    let scale = try #require(model.traits.scaling.targets)
    #expect(
      abs(Double(scale.means[0]) - mean) < 1e-4 && abs(Double(scale.standardDeviations[0]) - deviation) < 1e-4
    )
    #expect(model.traits.scaling.inputs == scale)
    let batch = try DatasetFile(configuration).batches(split: "train", shuffles: false).batch(
      epoch: 0, index: 0)
    guard case .features(let steps) = batch.inputs, case let (features, width) = (steps.values, steps.width),
      case .values(let truths) = batch.targets, case let targets = truths.values, truths.width == 12
    else {
      Issue.record("windows are of numbers")
      return
    }
    #expect(width == 3)
    for step in 0..<24 {
      #expect(abs(Double(features[step * 3]) - (values[step] - mean) / deviation) < 1e-4)
      #expect(abs(Double(features[step * 3 + 1]) - sin(2 * Double.pi * Double(step + 1) / 12)) < 1e-6)
    }
    for step in 0..<12 { #expect(abs(Double(targets[step]) - (values[24 + step] - mean) / deviation) < 1e-4) }
    // Other data is scaled like the training data.
    let moved = folder.file("moved.h5")
    try Self.writeSeries(to: moved, spike: 3)
    #expect(try model.openDataset(split: "test", file: moved).traits.scaling == model.traits.scaling)
  }

  /// A rising series, of which only seasonal differences repeat.
  @Test("Seasonal differences are forecast, and reported as values")
  func seasonalDifferences() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("data.h5")
    let file = try File(creating: path)
    var first = 0
    for (split, count) in [("train", 300), ("validation", 100), ("test", 100)] {
      let values = (0..<count).map { step in
        Float(Double(first + step) / 4 + 6 * sin(2 * Double.pi * Double(first + step) / 12))
      }
      try file.write("\(split)/inputs", values)
      first += count
    }
    try file.close()
    var configuration = Self.configuration(path, kind: .gaussian, output: .lastStep)
    configuration.data.covariates = []
    configuration.data.knownAhead = nil
    configuration.data.season = 12
    configuration.training.steps = 1
    let batch = try DatasetFile(configuration).batches(split: "train", shuffles: false).batch(
      epoch: 0, index: 0)
    guard case .values(let truths) = batch.targets, case let differences = truths.values, truths.width == 12
    else {
      Issue.record("targets are numbers")
      return
    }
    // Every difference is three.
    let deviation = try #require(try DatasetFile(configuration).traits.scaling.targets?.standardDeviations[0])
    #expect(differences.allSatisfy { abs($0 * deviation - 3) < 1e-3 })
    configuration.training.steps = 60
    let model = try Self.train(configuration, in: folder)
    let forecast = try model.forecast(split: "test", origin: 50)
    for (step, value) in forecast.groundTruth.enumerated() {
      let wanted = Double(450 + step) / 4 + 6 * sin(2 * Double.pi * Double(450 + step) / 12)
      #expect(abs(value[0] - wanted) < 1e-3)
      #expect(abs(forecast.median[step][0] - wanted) < 2)
    }
    let error = try #require(try model.evaluate(split: "test").metrics.first?.value)
    #expect(error < 1)
    configuration.data.context = 11
    #expect(throws: WeftError.self) { try configuration.validate() }
  }

  @Test("A spike is found, and nothing else", arguments: [LossType.student, .squaredError])
  func anomalies(kind: LossType) throws {
    let folder = try TemporaryFolder()
    let path = folder.file("data.h5")
    try Self.writeSeries(to: path, spike: 77)
    let model = try Self.train(Self.configuration(path, kind: kind, output: .everyStep), in: folder)
    let found = try model.detect(
      split: "test", cleanSplit: "validation", threshold: .medianDeviations(14))
    #expect(found.first == 1 && found.scores.count == 119 && found.series.count == 119)
    #expect(found.spans.contains { $0.contains(77) }, "\(found.spans)")
    #expect(found.spans.reduce(0) { $0 + $1.count } <= 3)
    #expect(abs(found.series[76][0] - 62) < 10)
    let labels = try #require(found.labels)
    let quality = DetectionMetrics(scores: found.scores, labels: labels)
    #expect(quality.areaUnderCurve == 1 && quality.bestF1 == 1)
    #expect(DetectionThreshold.quantile(0.5).value([1, 2, 10]) == 2)
    #expect(DetectionThreshold.medianDeviations(3).value([1, 2, 10]) == 5)
  }

  @Test("An autoencoder detects what it cannot reconstruct")
  func reconstruction() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("data.h5")
    try Self.writeSeries(to: path, spike: 77)
    var configuration = Configuration()
    configuration.data.file = path
    configuration.data.window = 12
    configuration.data.stride = 3
    configuration.data.standardizes = true
    configuration.model.kind = .autoencoder
    configuration.model.cell = .gru
    configuration.model.hidden = 12
    configuration.loss.kind = .squaredError
    configuration.training.batch = 24
    configuration.training.lanes = 4
    configuration.training.steps = 150
    configuration.training.clipNorm = 5
    configuration.optimizer.learningRate = 0.02
    let model = try Self.train(configuration, in: folder)
    let found = try model.detect(
      split: "test", cleanSplit: "validation", threshold: .medianDeviations(14))
    #expect(found.first == 0 && found.scores.count == 120 && found.series.count == 120)
    let values = try File(opening: path).dataset("test/inputs").read(as: Double.self)
    #expect(zip(found.series, values).allSatisfy { abs($0[0] - $1) < 1e-4 })
    let quality = DetectionMetrics(scores: found.scores, labels: try #require(found.labels))
    #expect(quality.areaUnderCurve == 1 && quality.bestF1 == 1)
    let three = try TrainedModel(folder.file("run-2"), threads: 3)
    #expect(
      try three.detect(split: "test", cleanSplit: "validation", threshold: .medianDeviations(14)) == found)
    let smooth = try model.detect(
      split: "test", cleanSplit: "validation", threshold: .medianDeviations(14), smoothing: 3)
    let mean = (found.scores[76] + found.scores[77] + found.scores[78]) / 3
    #expect(abs(smooth.scores[77] - mean) < 1e-12 && smooth.threshold != found.threshold)
  }

  @Test func movingMeansLookBothWays() {
    #expect(MovingMean(window: 1).values([3, 1, 8]) == [3, 1, 8])
    #expect(MovingMean(window: 3).values([3, 1, 8, 6]) == [2, 4, 5, 7])
    #expect(MovingMean(window: 4).values([3, 1, 8, 6]) == [4, 4.5, 5, 7])
    #expect(MovingMean(window: 9).values([]) == [])
  }

  @Test func movingZScoresLookBack() {
    let scores = MovingZScore(window: 3).scores([[5], [1], [3], [2], [8], [8]])
    let variance = (1.0 + 1 + 0) / 3
    #expect(scores[0] == 0 && scores[1] == 0 && scores[2] == 0)
    #expect(abs(scores[4] - 6 / (2.0 / 3).squareRoot()) < 1e-12 && variance > 0)
    #expect(MovingZScore(window: 2).scores([[1], [1], [9]]) == [0, 0, 0])
  }
}
