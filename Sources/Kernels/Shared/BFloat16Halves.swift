import CProcessor

/// bfloat16 numbers in memory: the upper halves of float32, sixteen at a time.
///
/// The standard library's conversions and halves of vectors may become functions that all modules share, compiled for the
/// instruction set of any of them.
extension Vector {
  typealias Halves = SIMD16<UInt16>

  /// Loads the first `count` elements and zeros the rest; `count` is 0 to 16.
  @inline(always)
  static func load(upperHalves pointer: UnsafePointer<UInt16>, count: Int) -> Vector {
    if count == scalarCount { return load(upperHalves: pointer) }
    var halves = Halves(repeating: 0)
    withUnsafeMutableBytes(of: &halves) {
      $0.copyMemory(from: UnsafeRawBufferPointer(start: pointer, count: count * MemoryLayout<UInt16>.stride))
    }
    return Vector(bits: weft_words_of_upper_halves(halves))
  }

  @inline(always)
  static func load(upperHalves pointer: UnsafePointer<UInt16>) -> Vector {
    Vector(bits: weft_words_of_upper_halves(UnsafeRawPointer(pointer).loadUnaligned(as: Halves.self)))
  }

  /// The upper halves of the elements: all there is of numbers that are rounded to bfloat16.
  @inline(always)
  var upperHalves: Halves { weft_upper_halves(bits) }

  /// Stores the upper halves of the first `count` elements; `count` is 0 to 16.
  @inline(always)
  func storeUpperHalves(_ pointer: UnsafeMutablePointer<UInt16>, count: Int) {
    if count == Vector.scalarCount {
      return UnsafeMutableRawPointer(pointer).storeBytes(of: upperHalves, as: Halves.self)
    }
    withUnsafeBytes(of: upperHalves) {
      UnsafeMutableRawPointer(pointer).copyMemory(
        from: $0.baseAddress!, byteCount: count * MemoryLayout<UInt16>.stride)
    }
  }
}
