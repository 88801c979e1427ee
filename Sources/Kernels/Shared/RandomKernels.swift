import KernelInterface

/// A word in the low half of each 64-bit element, where a 32-bit product has room for both of its halves; the high
/// half may hold anything unless stated.
private typealias Words = SIMD8<UInt64>

extension VectorKernels {
  @inline(never)
  package static func dropoutMask(
    key: RandomKey, rows: [Int32], rate: Float, width: Int, into mask: Matrix
  ) {
    assert(rows.count == mask.rows && width <= mask.columns && rate >= 0 && rate < 1)
    let kept = Vector(repeating: 1 / (1 - rate))
    // A word's upper 23 bits become a number in [1, 2).
    let threshold = Vector(repeating: 1 + rate)
    let cipherKey = key.cipherKey
    for row in 0..<mask.rows {
      let target = mask.row(row)
      @inline(always)
      func write(_ words: Vector.Bits, from start: Int) {
        guard start < mask.columns else { return }
        let uniform = Vector(bits: words &>> 9 | Vector.Bits(repeating: 0x3f80_0000))
        kept.replacing(with: Vector(repeating: 0), where: uniform .< threshold)
          .keeping(first: width - start)
          .store(target + start, count: min(Vector.scalarCount, mask.columns - start))
      }
      var column = 0
      while column < width {
        let words = philox(
          key: cipherKey, counter: key.counter(x: UInt32(column / 4), y: UInt32(bitPattern: rows[row])))
        write(words.0, from: column)
        write(words.1, from: column + Vector.scalarCount)
        column += 2 * Vector.scalarCount
      }
      while column < mask.columns {
        target[column] = 0
        column += 1
      }
    }
  }
}

/// The 32 words of eight consecutive blocks in order; the first counter word is the one that counts.
@inline(always)
private func philox(key: SIMD2<UInt32>, counter: SIMD4<UInt32>) -> (Vector.Bits, Vector.Bits) {
  var blocks = SIMD16<UInt64>()
  (blocks.evenHalf, blocks.oddHalf) = philoxHalves(key: key, counter: counter)
  return (
    unsafeBitCast(blocks.lowHalf, to: Vector.Bits.self), unsafeBitCast(blocks.highHalf, to: Vector.Bits.self)
  )
}

/// The first two and the last two words of each of eight consecutive blocks. A function of its own, or the compiler
/// interleaves the halves in each round.
@inline(never)
private func philoxHalves(key: SIMD2<UInt32>, counter: SIMD4<UInt32>) -> (Words, Words) {
  let low = Words(repeating: 0xffff_ffff)
  var x = Words(repeating: UInt64(counter.x)) &+ Words(0, 1, 2, 3, 4, 5, 6, 7)
  var y = Words(repeating: UInt64(counter.y))
  var z = Words(repeating: UInt64(counter.z))
  var w = Words(repeating: UInt64(counter.w))
  var firstKey = Words(repeating: UInt64(key.x))
  var secondKey = Words(repeating: UInt64(key.y))
  for _ in 0..<Philox.rounds {
    let first = (x & low) &* Words(repeating: UInt64(Philox.firstMultiplier))
    let second = (z & low) &* Words(repeating: UInt64(Philox.secondMultiplier))
    x = second &>> 32 ^ y ^ firstKey
    z = first &>> 32 ^ w ^ secondKey
    y = second
    w = first
    firstKey &+= Words(repeating: UInt64(Philox.keyIncrement.x))
    secondKey &+= Words(repeating: UInt64(Philox.keyIncrement.y))
  }
  return ((x & low) | (y &<< 32), (z & low) | (w &<< 32))
}
