/// The records of TensorFlow's record files: a length of 8 bytes, its masked checksum, the data, and theirs; all
/// numbers little-endian.
enum EventRecords {
  private static let headerLength = 12
  private static let footerLength = 4

  /// A record of some data.
  static func record(_ data: [UInt8]) -> [UInt8] {
    let length = bytes(UInt64(data.count))
    return length + bytes(MaskedChecksum.of(length)) + data + bytes(MaskedChecksum.of(data))
  }

  /// Calls `body` with the data of each record and where it ends in the file, until it returns false or what follows is
  /// no whole record, as after a write that was cut off.
  ///
  /// - Returns: Where the last record ends that `body` returned true for.
  static func scan(_ file: [UInt8], _ body: (ArraySlice<UInt8>) -> Bool) -> Int {
    var start = 0
    while file.count - start >= headerLength + footerLength {
      let length = number(file[start..<start + 8])
      guard number(file[start + 8..<start + 12]) == UInt64(MaskedChecksum.of(file[start..<start + 8])),
        length <= UInt64(file.count - start - headerLength - footerLength)
      else { break }
      let end = start + headerLength + Int(length)
      let data = file[start + headerLength..<end]
      guard number(file[end..<end + footerLength]) == UInt64(MaskedChecksum.of(data)), body(data) else {
        break
      }
      start = end + footerLength
    }
    return start
  }

  private static func bytes(_ number: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: number.littleEndian) { Array($0) }
  }

  private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}
