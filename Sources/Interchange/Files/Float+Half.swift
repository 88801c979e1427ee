extension Float {
  /// The number that an IEEE half's bits stand for: a sign, 5 bits of exponent, 10 of fraction.
  ///
  /// Not every platform of Swift has `Float16`.
  init(half bits: UInt16) {
    let fraction = Float(bits & 0x3FF)
    let magnitude: Float =
      switch bits >> 10 & 0x1F {
      case 0: fraction * 0x1p-24
      case 31: fraction == 0 ? .infinity : .nan
      case let exponent: Float(sign: .plus, exponent: Int(exponent) - 15, significand: 1 + fraction * 0x1p-10)
      }
    self = bits >> 15 == 0 ? magnitude : -magnitude
  }

  /// The number that a bfloat16's bits stand for, the upper half of a float32's.
  init(brain bits: UInt16) { self.init(bitPattern: UInt32(bits) << 16) }
}
