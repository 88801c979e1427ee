/// Records of TensorFlow record files: length (8 bytes), its masked checksum, data, and its masked checksum, all
/// little-endian.
enum EventRecords {
  private static let headerLength = 12
  private static let footerLength = 4

  /// Encodes a record.
  static func record(_ data: [UInt8]) -> [UInt8] {
    let length = bytes(UInt64(data.count))
    return length + bytes(MaskedChecksum.of(length)) + data + bytes(MaskedChecksum.of(data))
  }

  /// Calls `body` with the data of each record, until it returns false or a record is incomplete, as after an interrupted
  /// write.
  ///
  /// - Returns: The end of the last record for which `body` returned true.
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
