extension Vector {
  /// x − h, what rounding to bfloat16 leaves of these elements. Rounded itself it is their l, see
  /// `DotAlgorithm.bf16_bf16_f32_x3`.
  @inline(always)
  var lowPart: Vector { self - roundedToBFloat16 }
}
