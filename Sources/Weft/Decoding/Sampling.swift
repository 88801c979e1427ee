import Foundation
import KernelInterface

/// How the next token is chosen from a model's output.
public struct Sampling: Sendable, Equatable {
  /// Divides the logits: below 1 likely tokens become likelier; 0 always takes the likeliest.
  public var temperature: Double
  /// Keeps this many of the likeliest tokens; nil for all.
  public var topK: Int?
  /// Keeps the likeliest tokens whose probabilities add up to this; 1 for all (Holtzman et al. 2020).
  public var topP: Double
  /// Where the random numbers come from.
  public var seed: UInt64

  /// A way to choose tokens.
  ///
  /// - Throws: A usage error if a number is out of its range.
  public init(
    temperature: Double = 1, topK: Int? = nil, topP: Double = 1, seed: UInt64 = 1
  ) throws(WeftError) {
    guard temperature >= 0, temperature.isFinite else {
      throw .usage("temperature must be 0 or more, not \(temperature)")
    }
    if let topK, topK < 1 { throw .usage("top-k must be 1 or more, not \(topK)") }
    guard topP > 0, topP <= 1 else { throw .usage("top-p must be above 0 and at most 1, not \(topP)") }
    self.temperature = temperature
    self.topK = topK
    self.topP = topP
    self.seed = seed
  }

  /// The token chosen at a step.
  ///
  /// - Parameters:
  ///   - logits: One for each token.
  ///   - step: Number of the choice; with the seed it decides the random number.
  func choose(_ logits: [Float], step: Int) -> Int32 {
    // Stable: of equals the lowest number comes first.
    let order = logits.indices.sorted { (logits[$0], $1) > (logits[$1], $0) }
    if temperature == 0 { return Int32(order[0]) }
    let greatest = Double(logits[order[0]])
    let kept = order.prefix(topK ?? order.count)
    var weights = kept.map { exp((Double(logits[$0]) - greatest) / temperature) }
    let total = weights.reduce(0, +)
    var sum = 0.0
    if let last = weights.firstIndex(where: { weight in
      sum += weight
      return sum >= topP * total
    }) {
      weights.removeSubrange((last + 1)...)
    }
    let key = RandomKey(seed: seed, purpose: RandomPurpose.sampling, step: 0)
    var remaining = Double(RandomSequence(key: key).uniform(step)) * weights.reduce(0, +)
    for (place, weight) in weights.enumerated() {
      remaining -= weight
      if remaining < 0 { return Int32(kept[place]) }
    }
    return Int32(kept[weights.count - 1])
  }
}
