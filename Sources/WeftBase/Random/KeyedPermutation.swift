/// A random permutation of 0..<count that is computed one place at a time, in constant time and memory.
///
/// A Feistel network of keyed functions is a permutation of the numbers of `bits` bits; what it maps beyond the range is
/// mapped again until it lies within (cycle walking), fewer than two times on average.
///
/// Sources: Luby and Rackoff, "How to construct pseudorandom permutations from pseudorandom functions", SIAM J. Comput. 17,
/// 1988; Black and Rogaway, "Ciphers with arbitrary finite domains", CT-RSA 2002.
package struct KeyedPermutation: Sendable, Hashable {
  /// Number of places.
  package let count: Int
  private let key: RandomKey
  /// Bits of the upper and of the lower half of a number.
  private let upperBits: Int
  private let lowerBits: Int

  /// Enough for a random order; a cipher that withstands attacks needs no more than a few others.
  private static let rounds = 12

  /// - Precondition: `count` is positive, and at most 2⁶².
  package init(key: RandomKey, count: Int) {
    precondition(count > 0 && count <= 1 << 62)
    self.key = key
    self.count = count
    let bits = max(2, Int.bitWidth - (count - 1).leadingZeroBitCount)
    upperBits = bits / 2
    lowerBits = bits - bits / 2
  }

  /// The number at a place.
  package subscript(place: Int) -> Int {
    precondition((0..<count).contains(place))
    var number = place
    repeat { number = permuted(number) } while number >= count
    return number
  }

  private func permuted(_ number: Int) -> Int {
    var upper = UInt32(number >> lowerBits)
    var lower = UInt32(number & (1 << lowerBits - 1))
    for round in 0..<UInt32(Self.rounds) {
      if round.isMultiple(of: 2) {
        upper ^= random(lower, round) & UInt32(1 << upperBits - 1)
      } else {
        lower ^= random(upper, round) & UInt32(1 << lowerBits - 1)
      }
    }
    return Int(upper) << lowerBits | Int(lower)
  }

  private func random(_ half: UInt32, _ round: UInt32) -> UInt32 { key.block(x: half, y: round).x }
}
