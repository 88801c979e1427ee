import Foundation
import KernelInterface

extension LossType {
  /// Negative log-likelihood of a normal distribution with mean μ and standard deviation σ = softplus(a) + floor.
  public static let gaussian = LossType(
    name: "gaussian", targets: .values(), outputsPerTarget: { _ in 2 },
    evaluate: { _, pass in
      pass.kernels.gaussianLoss(pass.operands)
    },
    distribution: { _, parameters in
      .gaussian(mean: parameters[0], standardDeviation: scale(parameters[1]))
    },
    interval: { _ in [0.1, 0.9] }, predictsDistribution: true)

  /// Negative log-likelihood of Student's t-distribution with location μ, scale σ = softplus(a) + floor and
  /// ν = 2 + softplus(b) degrees of freedom.
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

  /// Negative log-likelihood of a Poisson distribution with rate eˣ, without the constant ln t!.
  public static let poisson = LossType(
    name: "poisson", targets: .values(0...Float.greatestFiniteMagnitude),
    evaluate: { _, pass in
      pass.kernels.poissonLoss(pass.operands)
    },
    distribution: { _, parameters in .poisson(rate: exp(parameters[0])) },
    interval: { _ in [0.1, 0.9] }, predictsDistribution: true)

  /// Negative log-likelihood of a negative binomial distribution with mean μ and variance μ + αμ², both parameters by
  /// softplus (DeepAR, Salinas et al. 2020).
  public static let negativeBinomial = LossType(
    name: "negative-binomial", targets: .values(0...Float.greatestFiniteMagnitude),
    outputsPerTarget: { _ in 2 },
    evaluate: { _, pass in
      pass.kernels.negativeBinomialLoss(pass.operands)
    },
    distribution: { _, parameters in
      .negativeBinomial(
        mean: softplus(parameters[0]) + DistributionParameters.minimumMean,
        dispersion: softplus(parameters[1]) + DistributionParameters.minimumDispersion)
    },
    interval: { _ in [0.1, 0.9] }, predictsDistribution: true)

  /// Pinball loss of several quantiles.
  public static let quantile = LossType(
    name: "quantile", targets: .values(), options: ["quantiles"], outputsPerTarget: { $0.quantiles.count },
    evaluate: { loss, pass in
      pass.kernels.quantileLoss(pass.operands, levels: loss.quantiles)
    },
    distribution: { loss, parameters in
      // Quantiles are learned independently and may cross.
      .quantiles(levels: loss.quantiles.map { Double($0) }, values: parameters.sorted())
    },
    interval: { loss in
      loss.quantiles.count > 1
        ? [Double(loss.quantiles[0]), Double(loss.quantiles[loss.quantiles.count - 1])] : []
    },
    predictsDistribution: true)

  /// softplus with a floor, as in the kernels.
  private static func scale(_ raw: Double) -> Double {
    softplus(raw) + DistributionParameters.minimumStandardDeviation
  }

  private static func degreesOfFreedom(_ raw: Double) -> Double {
    softplus(raw) + DistributionParameters.minimumDegreesOfFreedom
  }

  private static func softplus(_ x: Double) -> Double { max(x, 0) + log1p(exp(-abs(x))) }
}
