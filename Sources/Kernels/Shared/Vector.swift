/// The vector in which kernels work, on every instruction set: one AVX-512 register, two AVX2 or four NEON ones.
/// One width everywhere makes row-wise reductions add the same numbers in the same order everywhere.
typealias Vector = SIMD16<Float>

/// a·b + c, rounded once. All fused multiply-adds go through it, so that every instruction set rounds alike.
@inline(always)
func multiplyAdd(_ a: Vector, _ b: Vector, _ c: Vector) -> Vector { c.addingProduct(a, b) }

extension Vector {
  @inline(always)
  static func load(_ pointer: UnsafePointer<Float>) -> Vector {
    UnsafeRawPointer(pointer).loadUnaligned(as: Vector.self)
  }

  @inline(always)
  static func load(_ pointer: UnsafeMutablePointer<Float>) -> Vector { load(UnsafePointer(pointer)) }

  /// Loads from a 64-byte aligned address. Never a call, unlike `loadUnaligned` in large functions.
  @inline(always)
  static func load(aligned pointer: UnsafePointer<Float>) -> Vector {
    UnsafeRawPointer(pointer).assumingMemoryBound(to: Vector.self).pointee
  }

  /// Loads the first `count` elements and zeros the rest; `count` is 0 to 16.
  @inline(always)
  static func load(_ pointer: UnsafePointer<Float>, count: Int) -> Vector {
    if count == scalarCount { return load(pointer) }
    var result = Vector(repeating: 0)
    withUnsafeMutableBytes(of: &result) {
      $0.copyMemory(from: UnsafeRawBufferPointer(start: pointer, count: count * MemoryLayout<Float>.stride))
    }
    return result
  }

  @inline(always)
  static func load(_ pointer: UnsafeMutablePointer<Float>, count: Int) -> Vector {
    load(UnsafePointer(pointer), count: count)
  }

  @inline(always)
  func store(_ pointer: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(pointer).storeBytes(of: self, as: Vector.self)
  }

  /// Stores to a 64-byte aligned address. Never a call.
  @inline(always)
  func store(aligned pointer: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: Vector.self).pointee = self
  }

  /// Stores the first `count` elements; `count` is 0 to 16.
  @inline(always)
  func store(_ pointer: UnsafeMutablePointer<Float>, count: Int) {
    if count == Vector.scalarCount { return store(pointer) }
    withUnsafeBytes(of: self) {
      UnsafeMutableRawPointer(pointer).copyMemory(
        from: $0.baseAddress!, byteCount: count * MemoryLayout<Float>.stride)
    }
  }

  /// The sum of the sixteen elements by a fixed tree.
  @inline(always)
  var total: Float {
    let (low, high) = halves
    let (lower, upper) = Self.halves(of: low + high)
    let four = lower + upper
    return (four.x + four.z) + (four.y + four.w)
  }

  /// The maximum of the sixteen elements; where some are NaN, NaN or the maximum of the others.
  @inline(always)
  var maximum: Float {
    let (low, high) = halves
    let (lower, upper) = Self.halves(of: low.replacing(with: high, where: high .> low))
    let four = lower.replacing(with: upper, where: upper .> lower)
    let first = four.z > four.x ? four.z : four.x
    let second = four.w > four.y ? four.w : four.y
    return second > first ? second : first
  }

  /// The two halves. The standard library's own may become functions that all modules share, compiled for the
  /// instruction set of any of them.
  @inline(always)
  var halves: (SIMD8<Float>, SIMD8<Float>) {
    unsafeBitCast(self, to: (SIMD8<Float>, SIMD8<Float>).self)
  }

  /// The elements of two halves in turn.
  @inline(always)
  init(alternating first: SIMD8<Float>, _ second: SIMD8<Float>) {
    self.init(repeating: 0)
    evenHalf = first
    oddHalf = second
  }

  @inline(always)
  private static func halves(of eight: SIMD8<Float>) -> (SIMD4<Float>, SIMD4<Float>) {
    unsafeBitCast(eight, to: (SIMD4<Float>, SIMD4<Float>).self)
  }
}
