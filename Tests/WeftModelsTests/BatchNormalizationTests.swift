import Foundation
import TestSupport
import Testing

@testable import WeftData
@testable import WeftLayers
@testable import WeftModels
@testable import WeftParallel
@testable import WeftTensor

/// Batch normalization against its equations in Double, with the statistics of each lane.
@Suite("Batch normalization") struct BatchNormalizationTests {
  private static let text =
    "[{normalization: batch, epsilon: 0.01, momentum: 0.9}, {dense: 5, activation: tanh}]"
  private static let lengths = [9, 7, 7, 4, 2, 1, 1]

  /// The mean squared error of the model: normalization with the statistics of row mod `lanes`, dense, output.
  private static func loss(_ run: ModelRun, lanes: Int, _ parameters: [String: [Double]]) -> Double {
    guard case .features(let features) = run.batch.inputs, case .values(let targets) = run.batch.targets
    else {
      return .nan
    }
    let (width, outputs) = (features.width, run.model.shape.outputs)
    let laneOfStep = run.batch.lengths.enumerated().flatMap { row, length in
      [Int](repeating: row % lanes, count: length)
    }
    var total = 0.0
    for lane in 0..<lanes {
      let steps = laneOfStep.indices.filter { laneOfStep[$0] == lane }
      let moments = (0..<width).map { feature -> (mean: Double, variance: Double) in
        let values = steps.map { Double(features[$0][features[$0].startIndex + feature]) }
        let mean = values.reduce(0, +) / Double(values.count)
        return (mean, values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count))
      }
      for step in steps {
        let normalized = features[step].map(Double.init).enumerated().map { feature, value in
          parameters["normalization0/gain"]![feature] * (value - moments[feature].mean)
            / (moments[feature].variance + 0.01).squareRoot() + parameters["normalization0/bias"]![feature]
        }
        let hidden =
          (product(normalized, parameters["dense0/weights"]!, columns: 5) + parameters["dense0/bias"]!)
          .map { tanh($0) }
        let found =
          product(hidden, parameters["output/weights"]!, columns: outputs) + parameters["output/bias"]!
        for (output, value) in found.enumerated() {
          let difference = value - Double(targets.values[step * outputs + output])
          total += difference * difference
        }
      }
    }
    return total / Double(targets.values.count)
  }

  @Test("Gradients are those of finite differences in Double", arguments: [1, 3, 7], 0..<3)
  func gradients(lanes: Int, seed: UInt64) throws {
    let run = try BlockCase(Self.text, seed: seed).make(lengths: Self.lengths)
    let result = run.backpropagate(threads: 2, lanes: lanes)
    func loss(_ parameters: [String: [Double]]) -> Double { Self.loss(run, lanes: lanes, parameters) }
    #expect(abs(result.found.meanLoss - loss(run.namedParameters)) < 1e-4 * result.found.meanLoss)
    var random = SplitMix(seed: seed)
    for (parameter, departure, scale) in run.departures(of: result, from: loss, elements: 8, using: &random) {
      #expect(departure <= BlockTests.gradientFactor * BlockTests.epsilon * max(scale, 1e-3), "\(parameter)")
    }
  }

  @Test(
    "Gradients of what is below are those of finite differences",
    arguments: [
      ("[{dense: 5}, {normalization: batch}, {cell: gru, hidden: 17}, {pool: last}]", 2),
      ("[{dense: 5}, {cell: gru, hidden: 17}, {pool: mean}, {normalization: batch, epsilon: 0.1}]", 1),
    ], 0..<3)
  func inputGradients(test: (text: String, lanes: Int), seed: UInt64) throws {
    let run = try BlockCase(test.text, seed: seed).make(lengths: [6, 5, 5, 3, 3, 2])
    let result = run.backpropagate(threads: 2, lanes: test.lanes)
    // The loss in training, by the model itself: its gradients are compared with differences of its values.
    for parameter in run.model.layout.parameters where parameter.name == "dense0/weights" {
      for place in 0..<3 {
        let index = parameter.offset + place * 2
        let step: Float = 1.0 / 256
        func loss(_ change: Float) throws -> Double {
          var parameters = run.parameters
          parameters[index] += change
          let moved = ModelRun(
            configuration: run.configuration, model: run.model, parameters: parameters, batch: run.batch,
            loss: run.loss, initial: nil, dropoutKey: nil)
          return moved.backpropagate(lanes: test.lanes).found.meanLoss
        }
        let difference = try (loss(step) - loss(-step)) / Double(2 * step)
        #expect(abs(difference - Double(result.gradient[index])) < 2e-3 * max(1, abs(difference)))
      }
    }
  }

  @Test("Threads change no bit of gradients and averages", arguments: [Precision.float32, .bfloat16])
  func threads(precision: Precision) throws {
    let text = "[{cell: lstm, hidden: 5}, {normalization: batch}, {pool: mean}, {dense: 4, residual: false}]"
    let run = try BlockCase(text, seed: 1).make(lengths: Self.lengths, precision: precision)
    func trained(_ threads: Int) -> [Float] {
      let executor = run.executor(
        threads: threads, lanes: 4, engine: Engine(.baseline, dotAlgorithm: precision.dotAlgorithm))
      executor.minimumRows = 1
      let optimizer = Optimizer(
        OptimizerConfiguration(), averageDecay: nil, parameters: executor.parameters, layout: run.model.layout
      )
      for step in 0..<3 {
        _ = run.model.backpropagate(
          run.batch, loss: run.loss, initial: nil, final: nil,
          dropoutKey: DropoutKey(seed: 1, step: UInt64(step)), on: executor)
        _ = ParameterUpdate(clipNorm: 1, clipValue: 0.01).apply(optimizer, learningRate: 0.01, on: executor)
      }
      return executor.parameters.values
    }
    let one = trained(1)
    #expect(one.allSatisfy { $0.isFinite } && one != run.parameters)
    for threads in [2, 3] { #expect(trained(threads) == one) }
  }

  @Test("Moving averages are those of the lanes, and outputs are normalized by them")
  func averages() throws {
    let run = try BlockCase(Self.text, seed: 2).make(lengths: Self.lengths)
    let executor = run.executor(threads: 2, lanes: 3, engine: .baseline)
    let optimizer = Optimizer(
      OptimizerConfiguration(), averageDecay: nil, parameters: executor.parameters, layout: run.model.layout)
    _ = run.model.backpropagate(
      run.batch, loss: run.loss, initial: nil, final: nil, dropoutKey: nil, on: executor)
    _ = ParameterUpdate(clipNorm: 1e-6).apply(optimizer, learningRate: 0, on: executor)
    let features = try #require(run.batch.inputs.features)
    func values(_ name: String) throws -> [Float] {
      let parameter = try #require(run.model.layout.parameters.first { $0.name == "normalization0/\(name)" })
      return Array(executor.parameters.values[parameter.offset..<parameter.offset + parameter.count])
    }
    for feature in 0..<features.width {
      var (mean, variance) = (0.0, 0.0)
      for lane in 0..<3 {
        let rows = (0..<7).filter { $0 % 3 == lane }
        let steps = rows.flatMap { run.batch.offsets[$0]..<run.batch.offsets[$0 + 1] }
        let own = steps.map { Double(features.values[$0 * features.width + feature]) }
        let average = own.reduce(0, +) / Double(own.count)
        let weight = Double(rows.count) / 7
        mean += weight * average
        variance += weight * own.reduce(0) { $0 + ($1 - average) * ($1 - average) } / Double(own.count)
      }
      let before = run.namedParameters
      #expect(
        abs(Double(try values("mean")[feature]) - 0.9 * before["normalization0/mean"]![feature] - 0.1 * mean)
          < 1e-5)
      #expect(
        abs(
          Double(try values("variance")[feature]) - 0.9 * before["normalization0/variance"]![feature]
            - 0.1 * variance) < 1e-5)
    }
    // Alone, a row is normalized as in company.
    let together = run.model.outputRows(run.batch, on: executor)
    let last = run.batch.offsets[6]..<run.batch.offsets[7]
    let alone = run.model.outputRows(
      Minibatch(
        lengths: [1],
        inputs: .features(last.flatMap { Array(features[$0]) }, width: features.width)), on: executor)
    #expect(alone == [together[together.count - 1]])
  }
}
