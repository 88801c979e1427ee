/// Element-wise choices that compile to compare-and-blend, minimum or maximum instructions.
///
/// The standard library's `pointwiseMin`, `pointwiseMax`, `min()`, `max()` and `Vector(_: SIMD16<Int32>)` become
/// scalar loops or calls, and its negation is 0 − x, which loses the sign of zero; kernels use these instead.
extension Vector {
  typealias Bits = SIMD16<UInt32>

  @inline(always)
  init(bits: Bits) { self = unsafeBitCast(bits, to: Vector.self) }

  @inline(always)
  var bits: Bits { unsafeBitCast(self, to: Bits.self) }

  /// max(self, bound); NaN stays NaN.
  @inline(always)
  func atLeast(_ bound: Vector) -> Vector { replacing(with: bound, where: self .< bound) }

  /// min(self, bound); NaN stays NaN.
  @inline(always)
  func atMost(_ bound: Vector) -> Vector { replacing(with: bound, where: self .> bound) }

  /// |self|, the sign bit cleared.
  @inline(always)
  var magnitude: Vector { Vector(bits: bits & Bits(repeating: 0x7fff_ffff)) }

  /// −self, the sign bit flipped.
  @inline(always)
  var negated: Vector { Vector(bits: bits ^ Bits(repeating: 0x8000_0000)) }

  /// The first `count` elements, and zeros after them; `count` may be any integer.
  @inline(always)
  func keeping(first count: Int) -> Vector {
    let limit = Int32(truncatingIfNeeded: Swift.max(0, Swift.min(count, Vector.scalarCount)))
    let indices = SIMD16<Int32>(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15)
    return replacing(with: Vector(repeating: 0), where: indices .>= SIMD16<Int32>(repeating: limit))
  }

  /// These elements, and zeros where those of `target` are NaN.
  @inline(always)
  func whereKnown(_ target: Vector) -> Vector {
    replacing(with: Vector(repeating: 0), where: target .!= target)
  }
}
