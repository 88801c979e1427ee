import CBFloat16

extension Vector {
  /// These elements rounded to bfloat16, nearest and ties to even. Denormals become zeros of their sign, and NaNs quiet.
  @inline(always)
  var roundedToBFloat16: Vector { Vector(bits: weft_rounded_to_bfloat16(self)) }
}
