/// Random numbers by index, with random access.
///
/// All arithmetic is exact or plain IEEE 754, so every platform draws the same bits. Uniform and normal numbers of one
/// key share random words: use one kind per key.
package struct RandomSequence: Sendable, Hashable {
  /// The stream to draw from.
  package let key: RandomKey

  /// The sequence of a key.
  package init(key: RandomKey) { self.key = key }

  /// Uniform in [0, 1), a multiple of 2⁻²⁴.
  package func uniform(_ index: Int) -> Float {
    let block = UInt64(index) / 4
    let words = key.block(x: UInt32(truncatingIfNeeded: block), y: UInt32(truncatingIfNeeded: block >> 32))
    return Float(words[index % 4] >> 8) * 0x1p-24
  }

  /// From the standard normal distribution, by Marsaglia's polar method in double precision; the index is below
  /// 2³³.
  package func normal(_ index: Int) -> Float {
    let pair = UInt32(index / 2)
    for attempt in UInt32(0)... {
      let words = key.block(x: pair, y: attempt)
      let x = Self.signedUnit(words.x, words.y)
      let y = Self.signedUnit(words.z, words.w)
      let square = x * x + y * y
      if square < 1, square > 0 {
        let factor = (-2 * Self.logarithm(square) / square).squareRoot()
        return Float((index.isMultiple(of: 2) ? x : y) * factor)
      }
    }
    preconditionFailure("a pair is accepted long before the attempts run out")
  }

  /// The numbers 0..<count in random order.
  package func permutation(of count: Int) -> [Int] { shuffled(Array(0..<count)) }

  /// The same numbers in the same order, in half the memory.
  package func shortPermutation(of count: UInt32) -> [UInt32] { shuffled(Array(0..<count)) }

  /// The same elements in random order, by the method of Fisher and Yates.
  private func shuffled<Element>(_ elements: [Element]) -> [Element] {
    var order = elements
    let count = order.count
    var generator = RandomGenerator(key: key)
    for remaining in stride(from: count, to: 1, by: -1) {
      order.swapAt(remaining - 1, Int(generator.next(below: UInt64(remaining))))
    }
    return order
  }

  /// A number in (−1, 1) from 53 of the 64 bits, never ±1.
  private static func signedUnit(_ high: UInt32, _ low: UInt32) -> Double {
    let bits = UInt64(high) << 21 | UInt64(low >> 11)
    return (Double(bits) + 0.5) * 0x1p-52 - 1
  }

  /// ln(x) for a positive normal number, within a few ulps; the C library's differs between platforms.
  private static func logarithm(_ x: Double) -> Double {
    // x = 2ⁿ·m with m in [√½, √2); ln(m) = 2·artanh(s), by its series.
    var exponent = Double(x.exponent)
    var significand = x.significand
    if significand > 2.0.squareRoot() {
      significand /= 2
      exponent += 1
    }
    let s = (significand - 1) / (significand + 1)
    let square = s * s
    var sum = 0.0
    for power in stride(from: 23.0, through: 1, by: -2) { sum = sum * square + 1 / power }
    return exponent * 0.693_147_180_559_945_3 + 2 * s * sum
  }
}

/// Consecutive random numbers, for the standard library's shuffles and for `next(below:)`.
package struct RandomGenerator: RandomNumberGenerator, Sendable, Hashable {
  /// The stream to draw from.
  package let key: RandomKey
  /// Numbers drawn so far; a generator resumes at the position of an earlier one.
  package private(set) var position: UInt64

  /// A generator that has drawn `position` numbers of the key's stream.
  package init(key: RandomKey, position: UInt64 = 0) {
    self.key = key
    self.position = position
  }

  /// The next 64 random bits.
  package mutating func next() -> UInt64 {
    let index = position / 2
    let words = key.block(x: UInt32(truncatingIfNeeded: index), y: UInt32(truncatingIfNeeded: index >> 32))
    defer { position += 1 }
    return position.isMultiple(of: 2)
      ? UInt64(words.y) << 32 | UInt64(words.x) : UInt64(words.w) << 32 | UInt64(words.z)
  }

  /// Uniform in 0..<bound, without bias, by Lemire's multiplication; independent of the standard library's version.
  package mutating func next(below bound: UInt64) -> UInt64 {
    precondition(bound > 0)
    let threshold = (0 &- bound) % bound
    while true {
      let product = bound.multipliedFullWidth(by: next())
      if product.low >= threshold { return product.high }
    }
  }
}
