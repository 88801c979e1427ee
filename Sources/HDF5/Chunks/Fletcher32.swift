/// HDF5's checksum of chunks: two sums, modulo 65,535, over the bytes taken as 16-bit big-endian numbers.
enum Fletcher32 {
  /// The checksum that follows the bytes in the file, low byte first.
  static func checksum(_ bytes: UnsafeRawPointer, count: Int) -> UInt32 {
    let data = bytes.assumingMemoryBound(to: UInt8.self)
    var (first, second) = (UInt64(0), UInt64(0))
    let pairs = count / 2
    // So many steps keep both sums below 2⁶⁴.
    let longestRun = 1 << 20
    var position = 0
    while position < pairs {
      let end = min(position + longestRun, pairs)
      for pair in position..<end {
        first &+= UInt64(data[2 &* pair]) &<< 8 | UInt64(data[2 &* pair &+ 1])
        second &+= first
      }
      (first, second) = (folded(first), folded(second))
      position = end
    }
    if !count.isMultiple(of: 2) {
      first = folded(first + UInt64(data[count - 1]) << 8)
      second = folded(second + first)
    }
    return UInt32(second) << 16 | UInt32(first)
  }

  /// Whether the stored checksum matches. Releases before 1.6.3 swapped the bytes of each half.
  static func fits(stored: UInt32, _ computed: UInt32) -> Bool {
    let halvesSwapped = (computed & 0x00FF_00FF) << 8 | (computed & 0xFF00_FF00) >> 8
    return stored == computed || stored == halvesSwapped
  }

  /// Congruent modulo 65,535, below 65,536, and 0 for 0 alone.
  private static func folded(_ sum: UInt64) -> UInt64 {
    var sum = sum
    while sum > 0xFFFF { sum = (sum & 0xFFFF) + (sum >> 16) }
    return sum
  }
}
