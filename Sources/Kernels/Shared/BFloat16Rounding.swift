/// bfloat16: the upper half of a float32, with its sign, its exponent and 7 bits of fraction.
extension Vector {
  /// These elements rounded to bfloat16, nearest and ties to even. Denormals become zeros of their sign, and NaNs quiet.
  @inline(always)
  var roundedToBFloat16: Vector {
    let half = Bits(repeating: 0x7fff) &+ ((bits &>> 16) & Bits(repeating: 1))
    let upper = Bits(repeating: 0xffff_0000)
    var rounded = (bits &+ half) & upper
    let magnitude = unsafeBitCast(bits & Bits(repeating: 0x7fff_ffff), to: SIMD16<Int32>.self)
    rounded.replace(
      with: bits & Bits(repeating: 0x8000_0000), where: magnitude .< SIMD16<Int32>(repeating: 0x0080_0000))
    rounded.replace(
      with: (bits & upper) | Bits(repeating: 0x0040_0000),
      where: magnitude .> SIMD16<Int32>(repeating: 0x7f80_0000))
    return Vector(bits: rounded)
  }
}
