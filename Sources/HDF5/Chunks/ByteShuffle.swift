/// HDF5's shuffle filter: the first bytes of all elements, then their second bytes, and so on; bytes beyond the last
/// whole element stay behind them.
enum ByteShuffle {
  /// Puts the bytes of each element together again.
  static func undo(_ input: UnsafeRawPointer, into output: UnsafeMutableRawPointer, byteCount: Int, width: Int) {
    let count = byteCount / width
    let planes = input.assumingMemoryBound(to: UInt8.self)
    switch width {
    case 2:
      join(output, count, UInt16.self) { UInt16(planes[$0]) | UInt16(planes[count &+ $0]) &<< 8 }
    case 4:
      let (b, c, d) = (planes + count, planes + 2 * count, planes + 3 * count)
      join(output, count, UInt32.self) {
        UInt32(planes[$0]) | UInt32(b[$0]) &<< 8 | UInt32(c[$0]) &<< 16 | UInt32(d[$0]) &<< 24
      }
    case 8:
      let lower = { (index: Int) -> UInt64 in
        UInt64(planes[index]) | UInt64(planes[count &+ index]) &<< 8
          | UInt64(planes[2 &* count &+ index]) &<< 16 | UInt64(planes[3 &* count &+ index]) &<< 24
      }
      let upper = planes + 4 * count
      join(output, count, UInt64.self) {
        lower($0) | UInt64(upper[$0]) &<< 32 | UInt64(upper[count &+ $0]) &<< 40
          | UInt64(upper[2 &* count &+ $0]) &<< 48 | UInt64(upper[3 &* count &+ $0]) &<< 56
      }
    default:
      let bytes = output.assumingMemoryBound(to: UInt8.self)
      for index in 0..<count {
        for byte in 0..<width { bytes[index &* width &+ byte] = planes[byte &* count &+ index] }
      }
    }
    let whole = count * width
    (output + whole).copyMemory(from: input + whole, byteCount: byteCount - whole)
  }

  @inline(__always)
  private static func join<Element: FixedWidthInteger>(
    _ output: UnsafeMutableRawPointer, _ count: Int, _ type: Element.Type, _ element: (Int) -> Element
  ) {
    let elements = output.assumingMemoryBound(to: Element.self)
    for index in 0..<count { elements[index] = element(index).littleEndian }
  }
}
