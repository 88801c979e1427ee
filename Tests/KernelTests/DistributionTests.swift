import Foundation
import TestSupport
import Testing

@testable import KernelInterface
@testable import WeftTensor

/// A loss of predicted distributions and its definition in Double.
private struct DistributionCase: CustomTestStringConvertible, Sendable {
  let name: String
  let blocks: Int
  let kernel: LossCase.Kernel
  /// Of one target, from its parameters.
  let loss: @Sendable (_ parameters: [Double], _ target: Double) -> Double
  /// Whether targets are counts.
  var counts = false

  var testDescription: String { name }

  static let levels: [Float] = [0.125, 0.5, 0.875]

  static let all = [
    DistributionCase(
      name: "Gaussian", blocks: 2,
      kernel: { $0.gaussianLoss($1) },
      loss: { parameters, target in
        let deviation = softplus(parameters[1]) + DistributionParameters.minimumStandardDeviation
        let z = (target - parameters[0]) / deviation
        return 0.5 * z * z + log(deviation) + 0.5 * log(2 * .pi)
      }),
    DistributionCase(
      name: "Student", blocks: 3,
      kernel: { $0.studentLoss($1) },
      loss: { parameters, target in
        let deviation = softplus(parameters[1]) + DistributionParameters.minimumStandardDeviation
        let freedom = DistributionParameters.minimumDegreesOfFreedom + softplus(parameters[2])
        let z = (target - parameters[0]) / deviation
        return lgamma(freedom / 2) - lgamma((freedom + 1) / 2) + 0.5 * log(freedom * .pi) + log(deviation)
          + 0.5 * (freedom + 1) * log1p(z * z / freedom)
      }),
    DistributionCase(
      name: "negative binomial", blocks: 2,
      kernel: { $0.negativeBinomialLoss($1) },
      loss: { parameters, target in
        let mean = softplus(parameters[0]) + DistributionParameters.minimumMean
        let r = 1 / (softplus(parameters[1]) + DistributionParameters.minimumDispersion)
        return lgamma(r) + lgamma(target + 1) - lgamma(target + r) - r * log(r / (r + mean))
          - target * log(mean / (r + mean))
      }, counts: true),
    DistributionCase(
      name: "quantiles", blocks: levels.count,
      kernel: { $0.quantileLoss($1, levels: levels) },
      loss: { parameters, target in
        zip(parameters, levels).reduce(0) { sum, pair in
          let difference = target - pair.0
          return sum + max(Double(pair.1) * difference, (Double(pair.1) - 1) * difference)
        }
      }),
  ]

  private static func softplus(_ x: Double) -> Double { max(x, 0) + log1p(exp(-abs(x))) }

  func run(
    _ kernels: any KernelSet.Type, _ predictions: [[Float]], _ targets: [[Float]], width: Int, scale: Float
  ) -> LossCase.Result {
    LossCase.run(kernels, kernel, predictions, targets, width: width, scale: scale)
  }
}

@Suite struct DistributionTests {
  @Test(arguments: DistributionCase.all, testWidths)
  fileprivate func matchesDouble(_ test: DistributionCase, width: Int) {
    var random = SplitMix(seed: UInt64(width))
    let predictions = random.rows(4, test.blocks * width, in: -6...6)
    var targets = random.rows(4, width, in: -8...8)
    if test.counts { targets = targets.map { $0.map { abs($0).rounded() } } }
    targets[1][width / 2] = .nan
    targets[2] = targets[2].map { _ in .nan }
    let scale: Float = 0.25
    for set in InstructionSet.available {
      let result = test.run(set.kernels, padded(predictions), targets, width: width, scale: scale)
      #expect(result.marginsAreIntact)
      for row in 0..<4 {
        #expect(result.gradients[row][(test.blocks * width)...].allSatisfy { $0 == 0 })
        var (expected, magnitude) = (0.0, 1.0)
        for column in 0..<width {
          let places = (0..<test.blocks).map { $0 * width + column }
          let target = Double(targets[row][column])
          guard !target.isNaN else {
            #expect(places.allSatisfy { result.gradients[row][$0] == 0 })
            continue
          }
          let parameters = places.map { Double(predictions[row][$0]) }
          let loss = test.loss(parameters, target)
          expected += loss
          magnitude += abs(loss)
          for (block, place) in places.enumerated() {
            let step = 1e-5
            func value(_ sign: Double) -> Double {
              var moved = parameters
              moved[block] += sign * step
              return test.loss(moved, target)
            }
            let derivative = Double(scale) * (value(1) - value(-1)) / (2 * step)
            let difference = abs(Double(result.gradients[row][place]) - derivative)
            #expect(difference <= 2e-5 * max(abs(derivative), 1), "block \(block), column \(column)")
          }
        }
        #expect(agree(result.losses[row], expected, factor: 32, magnitude: magnitude))
      }
    }
  }

  @Test(arguments: DistributionCase.all)
  fileprivate func extremesAreFinite(_ test: DistributionCase) {
    let extremes: [Float] = [-80, -20, 0, 20, 80, 1e4]
    for set in InstructionSet.available {
      for raw in extremes {
        for target: Float in [-1e3, 0, 1e3] {
          let predictions = [[0] + [Float](repeating: raw, count: test.blocks - 1)]
          let result = test.run(set.kernels, predictions, [[target]], width: 1, scale: 1)
          #expect(
            result.losses[0].isFinite && result.gradients[0].allSatisfy(\.isFinite), "\(raw), \(target)")
        }
      }
    }
  }

  @Test(arguments: DistributionCase.all)
  fileprivate func aBadPredictionIsSeen(_ test: DistributionCase) {
    for set in InstructionSet.available {
      let predictions = [[Float](repeating: .nan, count: test.blocks)]
      #expect(test.run(set.kernels, predictions, [[1]], width: 1, scale: 1).losses[0].isNaN)
      let kept = test.run(set.kernels, [[1, 2, 3, 4, 5, 6]], [[0, 1]], width: 2, scale: 0)
      #expect(kept.gradients == [[1, 2, 3, 4, 5, 6]] && kept.losses[0].isFinite)
    }
  }

  @Test(arguments: DistributionCase.all, testWidths)
  fileprivate func sameBits(_ test: DistributionCase, width: Int) {
    var random = SplitMix(seed: UInt64(width))
    let predictions = random.rows(4, test.blocks * width, in: -9...9)
    let targets = random.rows(4, width, in: -9...9)
    expectSameBits { kernels in
      let result = test.run(kernels, predictions, targets, width: width, scale: 0.7)
      return result.gradients.flatMap { $0 } + result.losses
    }
  }
}
