/// A run of 64-byte aligned bytes over memory owned elsewhere: scratch memory of a kernel, or a packed operand.
///
/// A view, as `Matrix`, and `@unchecked Sendable` under the same rule: concurrent workers write to disjoint bytes.
///
/// Public, as the compiler inlines only public declarations into other modules.
public struct AlignedBytes: @unchecked Sendable {
  /// Bytes to whose multiples the first byte is aligned: a cache line, and the largest vector register.
  public static let alignment = 64

  /// The first byte.
  public let start: UnsafeMutableRawPointer
  /// Number of bytes.
  public let count: Int

  /// A view of memory that outlives it.
  public init(start: UnsafeMutableRawPointer, count: Int) {
    assert(Int(bitPattern: start) % AlignedBytes.alignment == 0 && count >= 0)
    self.start = start
    self.count = count
  }

  /// No bytes at all.
  public static var none: AlignedBytes {
    AlignedBytes(start: UnsafeMutableRawPointer(bitPattern: alignment)!, count: 0)
  }

  /// The bytes in `range`, which starts at a multiple of the alignment; they share memory with these.
  public func bytes(_ range: Range<Int>) -> AlignedBytes {
    assert(range.lowerBound >= 0 && range.upperBound <= count)
    return AlignedBytes(start: start + range.lowerBound, count: range.count)
  }

  /// The bytes as elements of one type. Elements of other types that they held before are lost.
  public func bound<Element: BitwiseCopyable>(to type: Element.Type) -> UnsafeMutablePointer<Element> {
    start.bindMemory(to: type, capacity: count / MemoryLayout<Element>.stride)
  }

  /// A number of bytes rounded up to a multiple of the alignment.
  public static func rounded(_ byteCount: Int) -> Int {
    (byteCount + alignment - 1) / alignment * alignment
  }
}
