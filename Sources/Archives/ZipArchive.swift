import WeftBase

/// The members of a ZIP archive, such as NumPy's `.npz`, PyTorch's `.pt` and Keras's `.keras`. Source: PKWARE's
/// APPNOTE.TXT 6.3.
///
/// Names are compared, never used as paths, so that what they contain is harmless.
package struct ZipArchive {
  /// A file of the archive.
  package struct Member {
    /// Its name, of any characters.
    package let name: String
    let method: Int
    let compressedCount: Int
    /// Its size when unpacked, as the archive claims.
    package let count: Int
    let checksum: UInt32
    let headOffset: Int
  }

  /// All files, in the order of the directory.
  package let members: [Member]
  let file: RandomAccessFile
  /// What reading the archive, and what is in it, may cost.
  package let budget: FileBudget

  private static let maximumMemberCount = 100_000

  /// - Parameters:
  ///   - path: The file.
  ///   - expansion: Bytes that it may take per byte.
  ///   - advice: What to do with a file that is no archive.
  /// - Throws: If the file cannot be read or is not an archive.
  package init(
    _ path: String, expansion: Int = FileBudget.compressedExpansion, advice: String
  ) throws(WeftError) {
    let file = try RandomAccessFile(path)
    self.file = file
    budget = FileBudget(path: path, fileBytes: file.byteCount, expansion: expansion)
    func failure(_ message: String) -> WeftError { .data("\(path): \(message)") }
    // The position of the directory is at the end, before a comment of at most 65,535 bytes.
    let tailOffset = max(file.byteCount - 65_557, 0)
    let tail = try file.read(at: tailOffset, count: file.byteCount - tailOffset)
    guard tail.count >= 22,
      let end = stride(from: tail.count - 22, through: 0, by: -1).first(where: {
        tail.number(at: $0, 4) == 0x0605_4b50
      })
    else { throw failure("is not a ZIP archive; \(advice)") }
    var (count, size, offset) = (
      tail.number(at: end + 10, 2), tail.number(at: end + 12, 4), tail.number(at: end + 16, 4)
    )
    if count == 0xFFFF || size == 0xFFFF_FFFF || offset == 0xFFFF_FFFF {
      // ZIP64 stores it in a separate record, whose position comes before.
      guard end >= 20, tail.number(at: end - 20, 4) == 0x0706_4b50 else {
        throw failure("is a damaged ZIP archive")
      }
      let record = try file.read(at: tail.number(at: end - 20 + 8, 8), count: 56)
      guard record.count == 56, record.number(at: 0, 4) == 0x0606_4b50 else {
        throw failure("is a damaged ZIP archive")
      }
      (count, size, offset) = (record.number(at: 32, 8), record.number(at: 40, 8), record.number(at: 48, 8))
    }
    guard count >= 0, size >= 0, offset >= 0, size <= file.byteCount, offset <= file.byteCount - size else {
      throw failure("is a damaged ZIP archive: its directory is outside the file")
    }
    let directory = try file.read(at: offset, count: size)
    var members: [Member] = []
    var place = 0
    guard count <= Self.maximumMemberCount else {
      throw failure("has more than \(Self.maximumMemberCount) members")
    }
    try budget.take(objects: count)
    for _ in 0..<count {
      guard place + 46 <= directory.count, directory.number(at: place, 4) == 0x0201_4b50 else {
        throw failure("is a damaged ZIP archive: member \(members.count + 1) of its directory")
      }
      let lengths = [28, 30, 32].map { directory.number(at: place + $0, 2) }
      let end = place + 46 + lengths[0] + lengths[1] + lengths[2]
      guard end <= directory.count else {
        throw failure("is a damaged ZIP archive: truncated directory")
      }
      members.append(Self.member(directory, place, nameLength: lengths[0], extraLength: lengths[1]))
      place = end
    }
    self.members = members
    // Members that share their bytes unpack to far more than any compression reaches.
    let places = members.map { ($0.headOffset, $0.compressedCount, $0.name) }.sorted { $0.0 < $1.0 }
    for (first, second) in zip(places, places.dropFirst())
    where first.0 < 0 || first.1 < 0 || second.0 < 0 || second.0 - first.0 < first.1 {
      throw failure("is a damaged ZIP archive: '\(first.2)' and '\(second.2)' overlap")
    }
  }

  private static func member(_ directory: [UInt8], _ place: Int, nameLength: Int, extraLength: Int) -> Member
  {
    var sizes = [24, 20, 42].map { directory.number(at: place + $0, 4) }
    // ZIP64 stores sizes that do not fit, in this order, in extra field 1.
    var extra = place + 46 + nameLength
    let end = extra + extraLength
    while extra + 4 <= end {
      let (kind, length) = (directory.number(at: extra, 2), directory.number(at: extra + 2, 2))
      if kind == 1 {
        var field = extra + 4
        for index in sizes.indices
        where sizes[index] == 0xFFFF_FFFF && field + 8 <= min(extra + 4 + length, end) {
          sizes[index] = directory.number(at: field, 8)
          field += 8
        }
      }
      extra += 4 + length
    }
    return Member(
      name: String(decoding: directory[place + 46..<place + 46 + nameLength], as: UTF8.self),
      method: directory.number(at: place + 10, 2), compressedCount: sizes[1], count: sizes[0],
      checksum: UInt32(truncatingIfNeeded: directory.number(at: place + 16, 4)), headOffset: sizes[2])
  }
}

extension [UInt8] {
  /// A little-endian integer of this many bytes; −1 if out of range.
  func number(at place: Int, _ byteCount: Int) -> Int {
    guard place >= 0, place <= count - byteCount else { return -1 }
    let value = (0..<byteCount).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64(self[place + $1]) }
    return Int(exactly: value) ?? -1
  }
}
