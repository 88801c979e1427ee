/// bfloat16 numbers in memory: the upper halves of float32, sixteen at a time.
///
/// Pairs of halves are taken as words: the standard library's functions on vectors of 32 halves may become functions
/// that all modules share, compiled for the instruction set of any of them.
extension Vector {
  /// Sixteen halves, the earlier one of each pair in the lower half of a word.
  typealias HalfPairs = SIMD8<UInt32>

  /// Loads the first `count` elements and zeros the rest; `count` is 0 to 16.
  @inline(always)
  static func load(upperHalves pointer: UnsafePointer<UInt16>, count: Int) -> Vector {
    if count == scalarCount { return load(upperHalves: pointer) }
    var pairs = HalfPairs(repeating: 0)
    withUnsafeMutableBytes(of: &pairs) {
      $0.copyMemory(from: UnsafeRawBufferPointer(start: pointer, count: count * MemoryLayout<UInt16>.stride))
    }
    return Vector(upperHalves: pairs)
  }

  @inline(always)
  static func load(upperHalves pointer: UnsafePointer<UInt16>) -> Vector {
    Vector(upperHalves: UnsafeRawPointer(pointer).loadUnaligned(as: HalfPairs.self))
  }

  @inline(always)
  private init(upperHalves pairs: HalfPairs) {
    self.init(
      alternating: unsafeBitCast(pairs &<< HalfPairs(repeating: 16), to: SIMD8<Float>.self),
      unsafeBitCast(pairs & HalfPairs(repeating: 0xffff_0000), to: SIMD8<Float>.self))
  }

  /// The upper halves of the elements: all there is of numbers that are rounded to bfloat16.
  @inline(always)
  var upperHalves: HalfPairs {
    (bits.evenHalf &>> HalfPairs(repeating: 16)) | (bits.oddHalf & HalfPairs(repeating: 0xffff_0000))
  }

  /// Stores the upper halves of the first `count` elements; `count` is 0 to 16.
  @inline(always)
  func storeUpperHalves(_ pointer: UnsafeMutablePointer<UInt16>, count: Int) {
    if count == Vector.scalarCount {
      return UnsafeMutableRawPointer(pointer).storeBytes(of: upperHalves, as: HalfPairs.self)
    }
    withUnsafeBytes(of: upperHalves) {
      UnsafeMutableRawPointer(pointer).copyMemory(
        from: $0.baseAddress!, byteCount: count * MemoryLayout<UInt16>.stride)
    }
  }
}
