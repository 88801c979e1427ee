/// Numbers that depend only on a seed: SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators,
/// 2014).
public struct RandomNumbers: RandomNumberGenerator {
  private var state: UInt64

  /// The numbers of one case, from its kind, the campaign's seed and its index.
  public init(kind: String, seed: UInt64, number: Int) {
    state = kind.utf8.reduce(seed) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    state = next() ^ UInt64(truncatingIfNeeded: number)
  }

  /// The next number. Source: SplitMix64 (Steele, Lea and Flood 2014).
  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// A number from 0 to `bound` − 1; 0 for a bound of 0.
  mutating func below(_ bound: Int) -> Int { bound > 0 ? Int.random(in: 0..<bound, using: &self) : 0 }

  /// True with this probability.
  mutating func happens(_ probability: Double) -> Bool {
    Double.random(in: 0..<1, using: &self) < probability
  }

  /// A random element.
  mutating func pick<Element>(_ choices: [Element]) -> Element { choices[below(choices.count)] }
}
