import KernelInterface
import WeftBase

/// A word in the low half of each 64-bit element, which has room for both halves of a 32-bit product; the high half is
/// undefined unless stated.
private typealias Words = SIMD8<UInt64>

/// Inverted dropout (Srivastava et al. 2014) with rate r, from counter-based random numbers:
///
///     mask = 0 where u < r, else 1 / (1 − r);  forward y = mask∘x, backward dx = mask∘dy
///
/// u of row i and column c is uniform in [0, 1): the upper 23 bits of word c mod 4 of the Philox block (c / 4, i).
extension VectorKernels {
  @inline(never)
  package static func dropoutMask(
    key: RandomKey, rows: [Int32], rate: Float, width: Int, into mask: Matrix
  ) {
    assert(rows.count == mask.rows && width <= mask.columns && rate >= 0 && rate < 1)
    let kept = Vector(repeating: 1 / (1 - rate))
    // A word's upper 23 bits as the fraction of a number in [1, 2).
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
      for column in stride(from: 0, to: width, by: 2 * Vector.scalarCount) {
        let words = philox(
          key: cipherKey, counter: key.counter(x: UInt32(column / 4), y: UInt32(bitPattern: rows[row])))
        write(words.0, from: column)
        write(words.1, from: column + Vector.scalarCount)
      }
      for column in width..<mask.columns { target[column] = 0 }
    }
  }
}

/// The 32 words of eight consecutive blocks, in order; the first word of the counter counts the blocks.
@inline(always)
private func philox(key: SIMD2<UInt32>, counter: SIMD4<UInt32>) -> (Vector.Bits, Vector.Bits) {
  var blocks = SIMD16<UInt64>()
  (blocks.evenHalf, blocks.oddHalf) = philoxHalves(key: key, counter: counter)
  return (
    unsafeBitCast(blocks.lowHalf, to: Vector.Bits.self), unsafeBitCast(blocks.highHalf, to: Vector.Bits.self)
  )
}

/// The first two and the last two words of each of eight consecutive blocks, by the rounds of `Philox.block`. Not
/// inlined, as the compiler would interleave the halves in each round.
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
