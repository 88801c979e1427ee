/// Negative log-likelihoods of predicted distributions, and quantile losses, fused with their gradients; see
/// `LossKernels`. The blocks of the predictions are the distribution's raw parameters.
package protocol DistributionKernels {
  /// Σ −ln N(t; μ, σ²). Blocks: μ, raw σ.
  static func gaussianLoss(_ operands: LossOperands)

  /// Σ −ln of Student's t-density at t with location μ, scale σ and ν degrees of freedom. Blocks: μ, raw σ, raw ν.
  static func studentLoss(_ operands: LossOperands)

  /// Σ −ln of the probability of count t by a negative binomial distribution with mean μ and variance μ + αμ².
  /// Blocks: raw μ, raw α.
  static func negativeBinomialLoss(_ operands: LossOperands)

  /// Σ of the pinball losses of some quantiles. One block per level.
  ///
  /// - Parameter levels: Between 0 and 1, in the order of the blocks.
  static func quantileLoss(_ operands: LossOperands, levels: [Float])
}

/// Mapping of raw predictions to the parameters of a distribution: σ = `minimumStandardDeviation` + softplus(raw σ),
/// ν = `minimumDegreesOfFreedom` + softplus(raw ν), and likewise means and dispersions, with softplus(x) = ln(1 + eˣ).
///
/// Public, as the compiler inlines only public declarations into other modules.
public enum DistributionParameters {
  /// Keeps the density of a Gaussian or Student's t-distribution bounded.
  public static var minimumStandardDeviation: Double { 1e-4 }
  /// Keeps the logarithm of the mean of a negative binomial distribution finite.
  public static var minimumMean: Double { 1e-6 }
  /// Below it, a negative binomial distribution is practically a Poisson distribution.
  public static var minimumDispersion: Double { 1e-4 }
  /// Above 2 degrees of freedom Student's t-distribution has a variance.
  public static var minimumDegreesOfFreedom: Double { 2 }
}
