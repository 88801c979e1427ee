import WeftBase
import WeftTasks

/// The scalability law fitted to rounds of measurements, with its uncertainty.
///
/// Uncertainty is estimated by a bootstrap over whole rounds (Efron 1979): in a round, all worker counts are measured
/// in short succession, so that longer disturbances affect all alike.
package struct ScalabilityEstimate: Sendable {
  /// Fitted to the medians over all rounds.
  package let law: ScalabilityLaw
  /// False if κ could not be distinguished from σ and is set to 0.
  package let identifiesCoherency: Bool
  private let resampled: [ScalabilityLaw]

  private static let resamples = 1000
  /// Share of the resamples inside an interval.
  package static let confidence = 0.9

  /// A value with its 90% interval.
  package struct Interval: Sendable, Encodable {
    package let value: Double
    package let low: Double
    package let high: Double
  }

  /// - Parameters:
  ///   - workers: Measured numbers of workers.
  ///   - rounds: Throughput in each round, for each number of workers.
  /// - Returns: Nil with fewer than two different numbers of workers.
  package init?(workers: [Int], rounds: [[Double]]) {
    func fit(_ chosen: [Int]) -> ScalabilityLaw? {
      ScalabilityLaw(
        fitting: workers.enumerated().map { index, workers in
          ScalabilityLaw.Measurement(
            workers: workers, throughput: chosen.map { rounds[$0][index] }.median)
        })
    }
    guard let law = fit(Array(rounds.indices)) else { return nil }
    self.law = law
    identifiesCoherency = ScalabilityLaw.identifiesCoherency(workers)
    var generator = RandomGenerator(key: RandomKey(seed: 1, purpose: RandomPurpose.resampling, step: 0))
    resampled = (0..<ScalabilityEstimate.resamples).compactMap { _ in
      fit(rounds.indices.map { _ in Int(generator.next(below: UInt64(rounds.count))) })
    }
  }

  /// A prediction of the law, with its interval over the resampled rounds.
  package func interval(_ value: (ScalabilityLaw) -> Double) -> Interval {
    let values = resampled.map(value)
    let tail = (1 - ScalabilityEstimate.confidence) / 2
    return Interval(value: value(law), low: values.quantile(tail), high: values.quantile(1 - tail))
  }
}
