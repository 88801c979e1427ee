/// A checksum of numbers at positions, which does not depend on the order in which they are added.
///
/// The sum of a hash of each number with its position: equal numbers have equal checksums however they are chunked and
/// compressed, and exchanged or shifted numbers have another. It detects accidents, not forgeries.
package struct PositionalChecksum: Sendable, Hashable {
  /// The checksum of what was added; 0 for nothing.
  package private(set) var value: UInt64 = 0

  package init() {}

  /// Adds a number, by its bits, at a position.
  @inline(__always)
  package mutating func add(_ bits: UInt64, at position: UInt64) {
    // Odd constants, so that neither product loses bits; then the finalizer of SplitMix64 (Steele, Lea, Flood 2014).
    var hash = (bits &+ 1) &* 0xd6e8_feb8_6659_fd93 &+ position &* 0x9e37_79b9_7f4a_7c15
    hash = (hash ^ hash >> 30) &* 0xbf58_476d_1ce4_e5b9
    hash = (hash ^ hash >> 27) &* 0x94d0_49bb_1331_11eb
    value &+= hash ^ hash >> 31
  }

  /// Adds integers at consecutive positions from 0 on.
  package mutating func add(_ integers: [Int]) {
    for (position, integer) in integers.enumerated() {
      add(UInt64(bitPattern: Int64(integer)), at: UInt64(position))
    }
  }
}
