/// A ZIP archive with stored members, which can claim what is not so.
public struct StoredArchive {
  /// A member, and what its directory entry says of it.
  public struct Member {
    /// Its name.
    public var name: String
    /// Its contents.
    public var bytes: [UInt8]
    /// The member whose bytes the directory entry names; nil for its own.
    public var place: Int?
    /// The size that the directory claims; nil for the true one.
    public var count: Int?

    /// - Parameters:
    ///   - name: The member's name.
    ///   - bytes: Its contents.
    public init(name: String, bytes: [UInt8], place: Int? = nil, count: Int? = nil) {
      (self.name, self.bytes, self.place, self.count) = (name, bytes, place, count)
    }
  }

  private static func checksum(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(~0) { sum, byte in
      (0..<8).reduce(sum ^ UInt32(byte)) { sum, _ in sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1 }
    }
  }

  private static func little(_ fields: [(Int, Int)]) -> [UInt8] {
    fields.flatMap { value, width in (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
  }

  /// The archive's bytes.
  public static func bytes(_ members: [Member]) -> [UInt8] {
    var (archive, directory, places) = ([UInt8](), [UInt8](), [Int]())
    for member in members {
      let (sum, size, name) = (Int(checksum(member.bytes)), member.bytes.count, Array(member.name.utf8))
      places.append(archive.count)
      archive += little([
        (0x0403_4B50, 4), (20, 2), (0, 8), (sum, 4), (size, 4), (size, 4), (name.count, 2), (0, 2),
      ])
      archive += name + member.bytes
      let place = member.place.map { places[$0] } ?? places[places.count - 1]
      directory += little([
        (0x0201_4B50, 4), (20, 2), (20, 2), (0, 8), (sum, 4), (size, 4), (member.count ?? size, 4),
        (name.count, 2), (0, 8), (0, 4), (place, 4),
      ])
      directory += name
    }
    return archive + directory
      + little([
        (0x0605_4B50, 4), (0, 4), (members.count, 2), (members.count, 2), (directory.count, 4),
        (archive.count, 4),
        (0, 2),
      ])
  }
}
