/// The vector in which kernels work. Results never depend on its width: reductions use `partialSums` of their
/// own, and every other operation is element by element.
@usableFromInline typealias Vector = SIMD8<Float>

/// a·b + c, rounded once. The one place that multiplies and adds, so that every instruction set rounds alike.
@inline(__always)
func multiplyAdd(_ a: Vector, _ b: Vector, _ c: Vector) -> Vector { c.addingProduct(a, b) }

extension Vector {
  @inline(__always)
  static func load(_ pointer: UnsafePointer<Float>) -> Vector {
    UnsafeRawPointer(pointer).loadUnaligned(as: Vector.self)
  }

  @inline(__always)
  static func load(_ pointer: UnsafeMutablePointer<Float>) -> Vector { load(UnsafePointer(pointer)) }

  /// Loads the first `count` elements and zeros the rest; `count` is 1 to 7.
  @inline(__always)
  static func load(_ pointer: UnsafePointer<Float>, count: Int) -> Vector {
    var result = Vector(repeating: 0)
    for index in 0..<count { result[index] = pointer[index] }
    return result
  }

  @inline(__always)
  func store(_ pointer: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(pointer).storeBytes(of: self, as: Vector.self)
  }

  /// Stores the first `count` elements; `count` is 1 to 7.
  @inline(__always)
  func store(_ pointer: UnsafeMutablePointer<Float>, count: Int) {
    for index in 0..<count { pointer[index] = self[index] }
  }
}
