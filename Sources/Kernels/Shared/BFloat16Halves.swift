/// bfloat16 numbers in memory: the upper halves of float32, sixteen at a time.
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
    return Vector(upperHalves: halves)
  }

  @inline(always)
  static func load(upperHalves pointer: UnsafePointer<UInt16>) -> Vector {
    Vector(upperHalves: UnsafeRawPointer(pointer).loadUnaligned(as: Halves.self))
  }

  @inline(always)
  private init(upperHalves halves: Halves) {
    var words = SIMD32<UInt16>(repeating: 0)
    words.oddHalf = halves
    self = unsafeBitCast(words, to: Vector.self)
  }

  /// The upper halves of the elements: all there is of numbers that are rounded to bfloat16.
  @inline(always)
  var upperHalves: Halves { unsafeBitCast(self, to: SIMD32<UInt16>.self).oddHalf }

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
