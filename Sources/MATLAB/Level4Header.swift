/// What stands before a variable of MATLAB's level 4. Source: MathWorks, MAT-File Format.
struct Level4Header {
  static let byteCount = 20
  /// Bytes of the variable's name and numbers, which follow.
  let contentByteCount: Int

  /// Nil if the bytes are none, as far as can be told: they have no signature.
  init?(_ bytes: [UInt8]) {
    guard bytes.count == Self.byteCount,
      let header = [false, true].compactMap({ Self.contentByteCount(bytes, isBigEndian: $0) }).first
    else { return nil }
    contentByteCount = header
  }

  private static func contentByteCount(_ bytes: [UInt8], isBigEndian: Bool) -> Int? {
    let numbers = stride(from: 0, to: byteCount, by: 4).map {
      integer(bytes[$0..<$0 + 4], isBigEndian: isBigEndian)
    }
    let (type, rows, columns, imaginary, nameLength) =
      (numbers[0], numbers[1], numbers[2], numbers[3], numbers[4])
    // The digits of the type: byte order, 0, kind of number, kind of matrix.
    let digits = [type / 1000, type / 100 % 10, type / 10 % 10, type % 10]
    let widths = [8, 4, 4, 2, 2, 1]
    guard digits[0] == (isBigEndian ? 1 : 0), digits[1] == 0, digits[2] < widths.count, digits[3] <= 2,
      rows < 1 << 31, columns < 1 << 31, imaginary <= 1, (1...64).contains(nameLength)
    else { return nil }
    // Below 2⁶² numbers.
    let count = (rows * columns).multipliedReportingOverflow(by: widths[digits[2]] * (1 + imaginary))
    return count.overflow ? nil : count.partialValue.addingReportingOverflow(nameLength).partialValue
  }
}

/// An integer without sign.
func integer(_ bytes: ArraySlice<UInt8>, isBigEndian: Bool) -> Int {
  (isBigEndian ? Array(bytes) : bytes.reversed()).reduce(0) { $0 << 8 | Int($1) }
}
