import WeftBase

/// Sampling of the next token.
public struct Sampling: Sendable, Equatable {
  /// Sampling temperature, which divides the logits: below 1 favors probable tokens, 0 is greedy.
  public var temperature: Double
  /// Samples from this number of most probable tokens; nil for all.
  public var topK: Int?
  /// Samples from the most probable tokens whose total probability reaches this; 1 for all (Holtzman et al. 2020).
  public var topP: Double
  /// Random seed.
  public var seed: UInt64

  /// Creates sampling parameters.
  ///
  /// - Throws: A usage error if a value is out of range.
  public init(
    temperature: Double = 1, topK: Int? = nil, topP: Double = 1, seed: UInt64 = 1
  ) throws(WeftError) {
    guard temperature >= 0, temperature.isFinite else {
      throw .usage("temperature must be at least 0, not \(temperature)")
    }
    if let topK, topK < 1 { throw .usage("top-k must be at least 1, not \(topK)") }
    guard topP > 0, topP <= 1 else { throw .usage("top-p must be above 0 and at most 1, not \(topP)") }
    self.temperature = temperature
    self.topK = topK
    self.topP = topP
    self.seed = seed
  }
}
