import TestSupport
import Testing
import WeftBase

@testable import WeftBenchmarks
@testable import WeftTasks

@Suite("The scalability law") struct ScalabilityLawTests {
  static let laws = [
    ScalabilityLaw(rate: 4450, contention: 0.031, coherency: 0.0004),
    ScalabilityLaw(rate: 1, contention: 0.2, coherency: 0),
    ScalabilityLaw(rate: 3e6, contention: 0, coherency: 0.01),
    ScalabilityLaw(rate: 0.02, contention: 0, coherency: 0),
  ]

  static func measurements(_ law: ScalabilityLaw, _ workers: [Int]) -> [ScalabilityLaw.Measurement] {
    workers.map { .init(workers: $0, throughput: law.throughput(Double($0))) }
  }

  static func isClose(_ a: ScalabilityLaw, _ b: ScalabilityLaw, _ tolerance: Double) -> Bool {
    abs(a.rate / b.rate - 1) < tolerance && abs(a.contention - b.contention) < tolerance
      && abs(a.coherency - b.coherency) < tolerance
  }

  @Test(arguments: laws) func isRecoveredFromWhatItSays(_ law: ScalabilityLaw) throws {
    for workers in [[1, 2, 3], [1, 2, 4, 8, 16], [2, 3, 5, 128], [1, 1, 2, 2, 4]] {
      let fitted = try #require(ScalabilityLaw(fitting: Self.measurements(law, workers)))
      #expect(Self.isClose(fitted, law, 1e-9), "\(fitted) from \(workers)")
    }
  }

  @Test func twoNumbersOfWorkersTellContentionAlone() throws {
    let amdahl = ScalabilityLaw(rate: 100, contention: 0.05, coherency: 0)
    let fitted = try #require(ScalabilityLaw(fitting: Self.measurements(amdahl, [1, 2])))
    #expect(Self.isClose(fitted, amdahl, 1e-12))
    let coherent = ScalabilityLaw(rate: 100, contention: 0.05, coherency: 0.01)
    let flattered = try #require(ScalabilityLaw(fitting: Self.measurements(coherent, [1, 2])))
    #expect(flattered.coherency == 0 && flattered.contention > 0.05)
    #expect(!ScalabilityLaw.identifiesCoherency([1, 2, 2]) && ScalabilityLaw.identifiesCoherency([1, 2, 4]))
    #expect(ScalabilityLaw(fitting: Self.measurements(amdahl, [2, 2])) == nil)
  }

  /// No law within the bounds fits better: the gradient of the error at the fit allows no descent.
  @Test(arguments: UInt64(0)..<20) func isTheBestWithinItsBounds(_ seed: UInt64) throws {
    var random = SplitMix(seed: seed)
    let measurements = [1, 2, 4, 6, 8].map { workers in
      ScalabilityLaw.Measurement(
        workers: workers, throughput: Double(workers) * Double.random(in: 0.5...1.2, using: &random))
    }
    func error(_ law: ScalabilityLaw) -> Double {
      measurements.reduce(0) { sum, measurement in
        let ratio = measurement.throughput / law.throughput(Double(measurement.workers)) - 1
        return sum + ratio * ratio
      }
    }
    let law = try #require(ScalabilityLaw(fitting: measurements))
    #expect(law.contention >= 0 && law.coherency >= 0)
    for (rate, contention, coherency) in [
      (1.001, 0.0, 0.0), (0.999, 0, 0), (1, 1e-3, 0), (1, -1e-3, 0), (1, 0, 1e-3), (1, 0, -1e-3),
      (1.001, 1e-3, -1e-3), (0.999, -1e-3, 1e-3),
    ] {
      let other = ScalabilityLaw(
        rate: law.rate * rate, contention: max(0, law.contention + contention),
        coherency: max(0, law.coherency + coherency))
      #expect(error(other) >= error(law) - 1e-12)
    }
  }

  @Test func hasItsPeakWhereThroughputStopsGrowing() throws {
    let law = ScalabilityLaw(rate: 10, contention: 0.02, coherency: 0.0002)
    let peak = try #require(law.peak)
    #expect(
      law.throughput(peak) > law.throughput(peak - 1) && law.throughput(peak) > law.throughput(peak + 1))
    #expect(ScalabilityLaw(rate: 1, contention: 0.1, coherency: 0).peak == nil)
  }

  @Test func intervalsComeFromTheRounds() throws {
    let law = ScalabilityLaw(rate: 1000, contention: 0.04, coherency: 0.001)
    let workers = [1, 2, 4, 8]
    var random = SplitMix(seed: 5)
    let rounds = (0..<15).map { _ in
      workers.map { law.throughput(Double($0)) * Double.random(in: 0.97...1.03, using: &random) }
    }
    let estimate = try #require(ScalabilityEstimate(workers: workers, rounds: rounds))
    let many = estimate.interval { $0.throughput(64) }
    let few = estimate.interval { $0.throughput(4) }
    #expect(many.low <= many.value && many.value <= many.high)
    #expect(many.low < law.throughput(64) && law.throughput(64) < many.high)
    #expect((many.high - many.low) / many.value > 3 * (few.high - few.low) / few.value)
    let again = try #require(ScalabilityEstimate(workers: workers, rounds: rounds))
    #expect(again.interval(\.contention).high == estimate.interval(\.contention).high)

    let calm = try #require(
      ScalabilityEstimate(workers: workers, rounds: [[Double]](repeating: rounds[0], count: 3)))
    #expect(calm.interval(\.rate).low == calm.interval(\.rate).high)
    #expect(ScalabilityEstimate(workers: [2], rounds: [[7]]) == nil)
  }

  @Test func quantilesLieBetweenTheValues() {
    #expect([3.0, 1, 2].median == 2)
    #expect([4.0, 1, 2, 3].median == 2.5)
    #expect([1.0, 2, 3, 4, 5].quantile(0.1) == 1.4)
    #expect([7.0].quantile(0.9) == 7)
    #expect([Double]().median.isNaN)
  }
}
