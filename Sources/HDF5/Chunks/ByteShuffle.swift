/// HDF5's shuffle filter: the first bytes of all elements, then their second bytes, and so on, followed by bytes beyond
/// the last complete element.
enum ByteShuffle {
  /// Reverses the shuffle.
  static func undo(
    _ input: UnsafeRawPointer, into output: UnsafeMutableRawPointer, byteCount: Int, width: Int
  ) {
    let count = byteCount / width
    let first: Int
    switch width {
    case 2:
      first = inBlocks(count) { (output + 2 * $0).storeBytes(of: pairs(input + $0, count), as: Pairs.self) }
    case 4:
      first = inBlocks(count) { (output + 4 * $0).storeBytes(of: fours(input + $0, count), as: Fours.self) }
    case 8:
      first = inBlocks(count) { start in
        let (low, high) = (fours(input + start, count), fours(input + start + 4 * count, count))
        for half in 0..<2 {
          var both = SIMD16<UInt32>()
          both.evenHalf = half == 0 ? low.lowHalf : low.highHalf
          both.oddHalf = half == 0 ? high.lowHalf : high.highHalf
          (output + 8 * start + 64 * half).storeBytes(of: both, as: SIMD16<UInt32>.self)
        }
      }
    default: first = 0
    }
    let (planes, bytes) = (
      input.assumingMemoryBound(to: UInt8.self), output.assumingMemoryBound(to: UInt8.self)
    )
    for index in first..<count {
      for byte in 0..<width { bytes[index &* width &+ byte] = planes[byte &* count &+ index] }
    }
    let whole = count * width
    (output + whole).copyMemory(from: input + whole, byteCount: byteCount - whole)
  }

  /// Applies the shuffle.
  static func apply(
    _ input: UnsafeRawPointer, into output: UnsafeMutableRawPointer, byteCount: Int, width: Int
  ) {
    let count = byteCount / width
    let first: Int
    switch width {
    case 2:
      first = inBlocks(count) { store((input + 2 * $0).loadUnaligned(as: Pairs.self), output + $0, count) }
    case 4:
      first = inBlocks(count) { store((input + 4 * $0).loadUnaligned(as: Fours.self), output + $0, count) }
    case 8:
      first = inBlocks(count) { start in
        let low = (input + 8 * start).loadUnaligned(as: Fours.self)
        let high = (input + 8 * start + 64).loadUnaligned(as: Fours.self)
        store(Fours(lowHalf: low.evenHalf, highHalf: high.evenHalf), output + start, count)
        store(Fours(lowHalf: low.oddHalf, highHalf: high.oddHalf), output + start + 4 * count, count)
      }
    default: first = 0
    }
    let (elements, planes) = (
      input.assumingMemoryBound(to: UInt8.self), output.assumingMemoryBound(to: UInt8.self)
    )
    for byte in 0..<width {
      for index in first..<count { planes[byte &* count &+ index] = elements[index &* width &+ byte] }
    }
    let whole = count * width
    (output + whole).copyMemory(from: input + whole, byteCount: byteCount - whole)
  }

  /// Stores the bytes of sixteen numbers in planes `count` bytes apart.
  @inline(__always)
  private static func store(_ pairs: Pairs, _ plane: UnsafeMutableRawPointer, _ count: Int) {
    let bytes = unsafeBitCast(pairs, to: SIMD32<UInt8>.self)
    plane.storeBytes(of: bytes.evenHalf, as: SIMD16<UInt8>.self)
    (plane + count).storeBytes(of: bytes.oddHalf, as: SIMD16<UInt8>.self)
  }

  /// The same of numbers of four bytes.
  @inline(__always)
  private static func store(_ fours: Fours, _ plane: UnsafeMutableRawPointer, _ count: Int) {
    let halves = unsafeBitCast(fours, to: SIMD32<UInt16>.self)
    store(halves.evenHalf, plane, count)
    store(halves.oddHalf, plane + 2 * count, count)
  }

  private typealias Pairs = SIMD16<UInt16>
  private typealias Fours = SIMD16<UInt32>

  /// Calls `body` with the first of every sixteen elements; returns how many were covered.
  @inline(__always)
  private static func inBlocks(_ count: Int, _ body: (Int) -> Void) -> Int {
    var start = 0
    while start &+ 16 <= count {
      body(start)
      start &+= 16
    }
    return start
  }

  /// Sixteen numbers of two bytes each, from planes `count` bytes apart.
  @inline(__always)
  private static func pairs(_ plane: UnsafeRawPointer, _ count: Int) -> Pairs {
    var bytes = SIMD32<UInt8>()
    bytes.evenHalf = plane.loadUnaligned(as: SIMD16<UInt8>.self)
    bytes.oddHalf = (plane + count).loadUnaligned(as: SIMD16<UInt8>.self)
    return unsafeBitCast(bytes, to: Pairs.self)
  }

  /// Sixteen numbers of four bytes each.
  @inline(__always)
  private static func fours(_ plane: UnsafeRawPointer, _ count: Int) -> Fours {
    var bytes = SIMD32<UInt16>()
    bytes.evenHalf = pairs(plane, count)
    bytes.oddHalf = pairs(plane + 2 * count, count)
    return unsafeBitCast(bytes, to: Fours.self)
  }
}
