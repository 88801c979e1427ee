import WeftBase

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
}
