extension ImageFile {
  /// Whether a JPEG file states in its metadata that it is to be shown rotated or mirrored, which is not applied.
  ///
  /// Source: CIPA DC-008 (Exif), 4.5 and 4.6: the segment APP1 holds a TIFF file, in whose first directory the field 0x0112 is
  /// the orientation.
  ///
  /// - Returns: False for other files, and those that cannot be read.
  public static func statesRotation(_ path: String) -> Bool {
    guard let file = try? SystemFile(path) else { return false }
    let head = file.read(1 << 16, at: 0)
    guard head.starts(with: [0xFF, 0xD8]) else { return false }
    var place = 2
    // Segments have a mark and a size, which counts itself.
    while place + 4 <= head.count, head[place] == 0xFF, head[place + 1] != 0xDA {
      let size = Int(head[place + 2]) << 8 | Int(head[place + 3])
      guard size >= 2 else { return false }
      let end = min(place + 2 + size, head.count)
      let contents = head[min(place + 4, end)..<end]
      if head[place + 1] == 0xE1, contents.starts(with: Array("Exif\0\0".utf8)) {
        return (orientation(Array(contents.dropFirst(6))) ?? 1) != 1
      }
      place += 2 + size
    }
    return false
  }

  /// The orientation of a TIFF file, from 1 to 8; nil if it states none.
  private static func orientation(_ tiff: [UInt8]) -> Int? {
    let isBigEndian = tiff.starts(with: Array("MM".utf8))
    func number(_ place: Int, _ count: Int) -> Int? {
      guard place >= 0, place <= tiff.count - count else { return nil }
      let bytes = tiff[place..<place + count]
      return (isBigEndian ? Array(bytes) : bytes.reversed()).reduce(0) { $0 << 8 | Int($1) }
    }
    guard isBigEndian || tiff.starts(with: Array("II".utf8)), let directory = number(4, 4),
      let count = number(directory, 2)
    else { return nil }
    for entry in 0..<count {
      let place = directory + 2 + 12 * entry
      guard let tag = number(place, 2) else { return nil }
      if tag == 0x0112 { return number(place + 8, 2).flatMap { (1...8).contains($0) ? $0 : nil } }
    }
    return nil
  }
}
