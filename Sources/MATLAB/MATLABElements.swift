import WeftBase

/// The variables in a file of MATLAB before 7.3, as far as it takes to know that they are whole. Source: MathWorks,
/// MAT-File Format.
struct MATLABElements {
  private let file: RegularFile

  private static let headerByteCount = 128
  static let tagByteCount = 8
  /// The types of elements that are an array, and one that is compressed by zlib.
  private static let matrix = 14
  private static let compressed = 15

  init(_ path: String) throws(WeftError) { file = try RegularFile(path) }

  /// - Returns: The variables that are objects.
  /// - Throws: If the file ends within a variable, or one cannot be decompressed.
  func check() throws(WeftError) -> [MATLABObject] {
    let header = try file.read(at: 0, count: Self.headerByteCount)
    if OlderMATLABFile.isLevel5(header) { return try checkLevel5(header) }
    try checkLevel4()
    return []
  }

  static func endsEarly(_ path: String) -> WeftError {
    .data("\(path): ends early; was it downloaded or copied completely?")
  }

  private func noVariable(at offset: Int) -> WeftError {
    .data("\(file.path): is damaged: no variable of MATLAB begins at byte \(offset)")
  }

  private func checkLevel4() throws(WeftError) {
    var offset = 0
    while offset < file.byteCount {
      let bytes = try file.read(at: offset, count: Level4Header.byteCount)
      guard bytes.count == Level4Header.byteCount else { throw Self.endsEarly(file.path) }
      guard let header = Level4Header(bytes) else { throw noVariable(at: offset) }
      offset += bytes.count
      guard header.contentByteCount <= file.byteCount - offset else { throw Self.endsEarly(file.path) }
      offset += header.contentByteCount
    }
  }

  private func checkLevel5(_ header: [UInt8]) throws(WeftError) -> [MATLABObject] {
    var objects: [MATLABObject] = []
    guard header.count == Self.headerByteCount else { throw Self.endsEarly(file.path) }
    let isBigEndian = header[126] == UInt8(ascii: "M")
    var offset = Self.headerByteCount
    while offset < file.byteCount {
      let tag = try file.read(at: offset, count: Self.tagByteCount)
      guard tag.count == Self.tagByteCount else { throw Self.endsEarly(file.path) }
      let type = integer(tag[0..<4], isBigEndian: isBigEndian)
      let count = integer(tag[4..<8], isBigEndian: isBigEndian)
      offset += tag.count
      guard count <= file.byteCount - offset else { throw Self.endsEarly(file.path) }
      let range = offset..<offset + count
      switch type {
      case Self.compressed:
        let bytes = try ElementBytes(file, range, isCompressed: true)
        let tag = try bytes.next(Self.tagByteCount)
        guard integer(tag[0..<4], isBigEndian: isBigEndian) == Self.matrix else {
          throw noVariable(at: offset)
        }
        let object = try checkArray(
          byteCount: integer(tag[4..<8], isBigEndian: isBigEndian), bytes, isBigEndian)
        if let object { objects.append(object) }
        try bytes.finish()
      case Self.matrix:
        let bytes = try ElementBytes(file, range, isCompressed: false)
        if let object = try checkArray(byteCount: count, bytes, isBigEndian) { objects.append(object) }
      default: throw noVariable(at: offset - tag.count)
      }
      offset += count
    }
    return objects
  }

  private func checkArray(
    byteCount: Int, _ bytes: ElementBytes, _ isBigEndian: Bool
  ) throws(WeftError) -> MATLABObject? {
    try Level5Array.check(bytes, byteCount: byteCount, isBigEndian: isBigEndian, path: file.path)
  }
}
