import Foundation
import TestSupport
import Testing

@testable import WeftBase
@testable import WeftModels
@testable import WeftTensor

/// Tokens are sampled according to their probabilities, only among those kept.
@Suite struct SamplingTests {
  private static let logits: [Float] = [0.5, 2, -1, 2, 0, -30, 1.25]

  /// Tokens sampled at consecutive steps.
  private static func tokens(
    _ sampling: Sampling, _ logits: [Float] = logits, steps: some Sequence<Int>
  ) -> [Int32] {
    let tensor = Tensor(rows: 1, columns: logits.count, values: logits)
    var chooser = TokenChooser(sampling)
    return withExtendedLifetime(tensor) { steps.map { chooser.choose(tensor.matrix, step: $0) } }
  }

  /// Number of times each token is sampled in `count` steps.
  private static func counts(
    _ logits: [Float] = logits, temperature: Double = 1, topK: Int? = nil, topP: Double = 1, seed: UInt64 = 1,
    count: Int = 20_000
  ) throws -> [Int] {
    let sampling = try Sampling(temperature: temperature, topK: topK, topP: topP, seed: seed)
    var counts = [Int](repeating: 0, count: logits.count)
    for token in tokens(sampling, logits, steps: 0..<count) { counts[Int(token)] += 1 }
    return counts
  }

  /// Probabilities of the kept tokens.
  private static func probabilities(_ logits: [Float] = logits, temperature: Double = 1, kept: Set<Int>)
    -> [Double]
  {
    let weights = logits.enumerated().map { token, logit in
      kept.contains(token) ? exp(Double(logit) / temperature) : 0
    }
    let sum = weights.reduce(0, +)
    return weights.map { $0 / sum }
  }

  /// Expects frequencies within a chi-square that chance exceeds less than once in 100000, and no token at all where
  /// the probability is 0.
  private static func expect(
    _ counts: [Int], fit probabilities: [Double], sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let total = Double(counts.reduce(0, +))
    var chiSquare = 0.0
    var degrees = -1.0
    for (count, probability) in zip(counts, probabilities) {
      let expected = probability * total
      if probability == 0 { #expect(count == 0, sourceLocation: sourceLocation) }
      // The statistic needs a minimum count; rarer tokens are checked loosely.
      guard expected >= 5 else {
        #expect(count < 25, sourceLocation: sourceLocation)
        continue
      }
      chiSquare += (Double(count) - expected) * (Double(count) - expected) / expected
      degrees += 1
    }
    // Wilson and Hilferty's quantile at 4.3 standard deviations.
    let spread = 2 / (9 * max(degrees, 1))
    let bound = max(degrees, 1) * pow(1 - spread + 4.3 * spread.squareRoot(), 3)
    #expect(chiSquare < bound, "\(counts)", sourceLocation: sourceLocation)
  }

  @Test func temperatureZeroTakesTheMostProbableAndOfEqualsTheFirst() throws {
    #expect(try Self.counts(temperature: 0, count: 100) == [0, 100, 0, 0, 0, 0, 0])
    #expect(try Self.counts([3, 3, 3], temperature: 0, topK: 2, topP: 0.1, count: 100) == [100, 0, 0])
    #expect(try Self.counts([-1, -.infinity], temperature: 0, count: 10) == [10, 0])
    #expect(try Self.counts([-1, -0.0, 0], temperature: 0, count: 10) == [0, 10, 0], "zeros are equal")
  }

  @Test(arguments: [0.3, 1, 2.5]) func frequenciesAreTheSoftmax(_ temperature: Double) throws {
    Self.expect(
      try Self.counts(temperature: temperature),
      fit: Self.probabilities(temperature: temperature, kept: Set(0..<7)))
  }

  @Test func aVocabularyOfManyIsSampledRight() throws {
    var generator = SplitMix(seed: 5)
    let logits = generator.floats(200, in: -2...2)
    Self.expect(
      try Self.counts(logits, count: 50_000), fit: Self.probabilities(logits, kept: Set(0..<200)))
  }

  /// In order of their logits: 1, 3, 6, 0, 4, 2, 5.
  @Test(
    arguments: [
      (1, [1]), (2, [1, 3]), (3, [1, 3, 6]), (4, [0, 1, 3, 6]), (7, Array(0..<7)), (1000, Array(0..<7)),
    ] as [(Int, [Int])]) func topKKeepsTheMostProbable(_ topK: Int, _ kept: [Int]) throws
  {
    Self.expect(try Self.counts(topK: topK), fit: Self.probabilities(kept: Set(kept)))
  }

  /// Of probabilities 1/2, 1/4, 1/8, 1/16, 1/16 the smallest set that reaches the requested total is kept.
  @Test(
    arguments: [
      (0.001, [3]), (0.5, [3]), (0.51, [3, 0]), (0.75, [3, 0]), (0.76, [3, 0, 4]), (0.875, [3, 0, 4]),
      (0.9, [3, 0, 4, 1]), (0.95, [3, 0, 4, 1, 2]), (1, [3, 0, 4, 1, 2]),
    ] as [(Double, [Int])]) func topPKeepsTheFewestThatAddUp(_ topP: Double, _ kept: [Int]) throws
  {
    let logits = [0.25, 0.0625, 0.0625, 0.5, 0.125].map { Float(log($0)) }
    // Logits are rounded, so the total is not tested at equality.
    let asked = topP < 1 && topP > 0.01 ? topP - 1e-5 : topP
    Self.expect(try Self.counts(logits, topP: asked), fit: Self.probabilities(logits, kept: Set(kept)))
  }

  /// Totals are relative to the tokens kept by top-k, at the given temperature.
  @Test func theLimitsWorkTogether() throws {
    let logits: [Float] = [0, 1, 2, 3]
    // Of the most probable three the shares are 0.665, 0.245, 0.090; of all four the first two have 0.881.
    Self.expect(
      try Self.counts(logits, topK: 3, topP: 0.9), fit: Self.probabilities(logits, kept: [3, 2]))
    // At temperature 2: 0.506, 0.307, 0.186.
    Self.expect(
      try Self.counts(logits, temperature: 2, topK: 3, topP: 0.82),
      fit: Self.probabilities(logits, temperature: 2, kept: [3, 2, 1]))
  }

  @Test func theSeedAndTheStepDecide() throws {
    let sampling = try Sampling(seed: 3)
    let tokens = Self.tokens(sampling, steps: 0..<200)
    #expect(Self.tokens(sampling, steps: 0..<200) == tokens)
    #expect(Self.tokens(sampling, steps: (0..<200).reversed()).reversed() == tokens)
    #expect(Self.tokens(try Sampling(seed: 4), steps: 0..<200) != tokens)
  }

  @Test func logitsMayBeExtreme() throws {
    #expect(try Self.counts([1e30, -1e30, 0], count: 50) == [50, 0, 0])
    #expect(try Self.counts([-.infinity, 0, -.infinity], count: 50) == [0, 50, 0])
    #expect(try Self.counts([1, 2, 3], temperature: 1e-300, count: 50) == [0, 0, 50])
    #expect(try Self.counts([4], count: 50) == [50])
    #expect(try Self.counts([.nan, 1, -.nan], topK: 1, count: 50) == [0, 50, 0])
    Self.expect(
      try Self.counts([1, 2, 3], temperature: 1e300), fit: [1.0 / 3, 1.0 / 3, 1.0 / 3])
  }

  @Test func whatIsOutOfRangeIsAUsageError() throws {
    func expect(
      _ message: String, temperature: Double = 1, topK: Int? = nil, topP: Double = 1,
      sourceLocation: SourceLocation = #_sourceLocation
    ) {
      #expect(throws: WeftError.usage(message), sourceLocation: sourceLocation) {
        try Sampling(temperature: temperature, topK: topK, topP: topP)
      }
    }
    expect("temperature must be at least 0, not -0.1", temperature: -0.1)
    expect("temperature must be at least 0, not nan", temperature: .nan)
    expect("temperature must be at least 0, not inf", temperature: .infinity)
    expect("top-k must be at least 1, not 0", topK: 0)
    expect("top-p must be above 0 and at most 1, not 0.0", topP: 0)
    expect("top-p must be above 0 and at most 1, not 1.1", topP: 1.1)
    expect("top-p must be above 0 and at most 1, not nan", topP: .nan)
    _ = try Sampling(temperature: 0, topK: 1, topP: 1)
  }
}
