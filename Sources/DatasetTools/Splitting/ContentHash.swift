/// A hash of bytes that is the same in every process and on every machine, unlike Swift's.
///
/// FNV-1a (Fowler, Noll, Vo), finished by the mixing of SplitMix64 (Steele, Lea, Flood 2014), which spreads its bits
/// evenly.
public struct ContentHash: Sendable {
  private var state: UInt64 = 0xcbf2_9ce4_8422_2325

  /// The hash of an empty sequence.
  public init() {}

  /// The hash of some bytes.
  public init(_ bytes: some Sequence<UInt8>) { add(bytes) }

  /// Adds bytes.
  public mutating func add(_ bytes: some Sequence<UInt8>) {
    for byte in bytes { state = (state ^ UInt64(byte)) &* 0x100_0000_01b3 }
  }

  /// The hash of the added bytes.
  public var value: UInt64 { Self.mix(state) }

  static func mix(_ value: UInt64) -> UInt64 {
    var value = value &+ 0x9e37_79b9_7f4a_7c15
    value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
    value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
    return value ^ value >> 31
  }
}
