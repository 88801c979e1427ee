import Foundation
import KernelInterface

extension LossType {
  /// Of a normal distribution's mean and standard deviation σ = softplus(a) + floor.
  public static let gaussian = LossType(
    name: "gaussian", targets: .values(), outputsPerTarget: { _ in 2 },
    evaluate: { _, pass in
      pass.kernels.gaussianLoss(pass.operands)
    },
    distribution: { _, parameters in
      .gaussian(mean: parameters[0], deviation: scale(parameters[1]))
    },
    interval: { _ in [0.1, 0.9] }, predictsDistribution: true)

  /// Of the location, scale σ = softplus(a) + floor and degrees of freedom ν = 2 + softplus(b) of Student's
  /// distribution.
  public static let student = LossType(
    name: "student-t", targets: .values(), outputsPerTarget: { _ in 3 },
    evaluate: { _, pass in
      pass.kernels.studentLoss(pass.operands)
    },
    distribution: { _, parameters in
      .student(
        location: parameters[0], scale: scale(parameters[1]),
        degreesOfFreedom: degreesOfFreedom(parameters[2]))
    },
    interval: { _ in [0.1, 0.9] }, predictsDistribution: true)

  /// Of some quantiles.
  public static let quantile = LossType(
    name: "quantile", targets: .values(), options: ["quantiles"], outputsPerTarget: { $0.quantiles.count },
    evaluate: { loss, pass in
      pass.kernels.quantileLoss(pass.operands, levels: loss.quantiles)
    },
    distribution: { loss, parameters in
      // Levels are learned apart and may cross.
      .quantiles(levels: loss.quantiles.map { Double($0) }, values: parameters.sorted())
    },
    interval: { loss in
      loss.quantiles.count > 1
        ? [Double(loss.quantiles[0]), Double(loss.quantiles[loss.quantiles.count - 1])] : []
    },
    predictsDistribution: true)

  /// A scale that cannot vanish, as the kernels have it.
  private static func scale(_ raw: Double) -> Double {
    softplus(raw) + DistributionParameters.minimumStandardDeviation
  }

  private static func degreesOfFreedom(_ raw: Double) -> Double {
    softplus(raw) + DistributionParameters.minimumDegreesOfFreedom
  }

  private static func softplus(_ x: Double) -> Double { max(x, 0) + log1p(exp(-abs(x))) }
}
