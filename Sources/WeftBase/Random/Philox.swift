/// Philox4x32-10, a counter-based random number generator: a bijection of 128-bit counters under a 64-bit key.
///
/// Source: Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
public enum Philox {
  /// Rounds of the bijection.
  public static var rounds: Int { 10 }
  /// Multiplier of a counter's first word in each round.
  public static var firstMultiplier: UInt32 { 0xD251_1F53 }
  /// Multiplier of a counter's third word in each round.
  public static var secondMultiplier: UInt32 { 0xCD9E_8D57 }
  /// Added to the key after each round.
  public static var keyIncrement: SIMD2<UInt32> { SIMD2(0x9E37_79B9, 0xBB67_AE85) }

  /// Four random words for a counter.
  public static func block(counter: SIMD4<UInt32>, key: SIMD2<UInt32>) -> SIMD4<UInt32> {
    var counter = counter
    var key = key
    for _ in 0..<rounds {
      let first = firstMultiplier.multipliedFullWidth(by: counter.x)
      let second = secondMultiplier.multipliedFullWidth(by: counter.z)
      counter = SIMD4(
        second.high ^ counter.y ^ key.x, second.low, first.high ^ counter.w ^ key.y, first.low)
      key &+= keyIncrement
    }
    return counter
  }
}

/// Identifies a stream of random numbers. Streams whose keys differ in any part are independent.
///
/// The purpose and the step's low half are words of the counter, so all streams of one seed are disjoint; the step's
/// high half is part of the cipher's key.
public struct RandomKey: Sendable, Hashable {
  /// The random seed of a run.
  public let seed: UInt64
  /// Identifies the use of the numbers.
  public let purpose: UInt32
  /// The optimizer step, epoch or other count at which the numbers are drawn.
  public let step: UInt64

  /// A key from its three parts.
  public init(seed: UInt64, purpose: UInt32, step: UInt64 = 0) {
    self.seed = seed
    self.purpose = purpose
    self.step = step
  }

  /// The cipher's key.
  public var cipherKey: SIMD2<UInt32> {
    SIMD2(
      UInt32(truncatingIfNeeded: seed),
      UInt32(truncatingIfNeeded: seed >> 32) ^ UInt32(truncatingIfNeeded: step >> 32))
  }

  /// The counter of block (x, y).
  public func counter(x: UInt32, y: UInt32) -> SIMD4<UInt32> {
    SIMD4(x, y, UInt32(truncatingIfNeeded: step), purpose)
  }

  /// Four random words for block (x, y).
  public func block(x: UInt32, y: UInt32) -> SIMD4<UInt32> {
    Philox.block(counter: counter(x: x, y: y), key: cipherKey)
  }
}
