/// Changes a ZIP archive of NumPy arrays, which it writes anew, with stored members and correct checksums.
enum ArchiveMutation {
  private struct Member {
    var name: [UInt8]
    var bytes: [UInt8]
  }

  /// The stored members of an archive, in the order of their local headers.
  private static func members(_ bytes: [UInt8]) -> [Member] {
    var members: [Member] = []
    var place = 0
    func number(_ offset: Int, _ width: Int) -> Int {
      (0..<width).reduce(0) { $0 | Int(bytes[place + offset + $1]) << (8 * $1) }
    }
    while place + 30 <= bytes.count, number(0, 4) == 0x0403_4B50, number(8, 2) == 0 {
      let (name, extra, size) = (number(26, 2), number(28, 2), number(18, 4))
      let start = place + 30 + name + extra
      guard size != 0xFFFF_FFFF, start + size <= bytes.count else { break }
      members.append(
        Member(name: Array(bytes[place + 30..<place + 30 + name]), bytes: Array(bytes[start..<start + size])))
      place = start + size
    }
    return members
  }

  static func changed(_ bytes: [UInt8], _ random: inout RandomNumbers) -> [UInt8] {
    var members = members(bytes)
    guard !members.isEmpty, random.happens(0.9) else { return Boundary.changed(bytes, &random) }
    for _ in 0..<random.pick([0, 1, 1, 2]) {
      let place = random.below(members.count)
      switch random.below(5) {
      case 0: members[place].name = Array((random.pick(Boundary.texts) + ".npy").utf8)
      case 1: members.append(members[place])
      default: members[place].bytes = header(members[place].bytes, &random)
      }
    }
    return written(members, &random)
  }

  /// An array with tokens of its header changed; its length is mostly right.
  static func header(_ array: [UInt8], _ random: inout RandomNumbers) -> [UInt8] {
    guard array.count > 10, random.happens(0.9) else { return Boundary.changed(array, &random) }
    let length = min(Int(array[8]) | Int(array[9]) << 8, array.count - 10)
    let text = TokenMutation.changed(Array(array[10..<10 + length]), &random)
    let stated = random.happens(0.9) ? UInt64(text.count) : random.pick(Boundary.values)
    return Array(array[..<8]) + Boundary.bytes(stated, 2) + text + array[(10 + length)...]
  }

  private static func written(_ members: [Member], _ random: inout RandomNumbers) -> [UInt8] {
    var (archive, directory) = ([UInt8](), [UInt8]())
    var offsets: [Int] = []
    func fields(_ values: [(UInt64, Int)]) -> [UInt8] { values.flatMap { Boundary.bytes($0.0, $0.1) } }
    func lie(_ value: Int) -> UInt64 { random.happens(0.03) ? random.pick(Boundary.values) : UInt64(value) }
    for member in members {
      let sum = UInt64(Checksums.crc32(member.bytes))
      let start = archive.count
      offsets.append(start)
      archive += fields([
        (0x0403_4B50, 4), (20, 2), (0, 2), (0, 2), (0, 4), (sum, 4), (lie(member.bytes.count), 4),
        (lie(member.bytes.count), 4), (lie(member.name.count), 2), (0, 2),
      ])
      archive += member.name + member.bytes
      // Sometimes the place of an earlier member.
      let place = random.happens(0.1) ? random.pick(offsets) : start
      directory += fields([
        (0x0201_4B50, 4), (20, 2), (20, 2), (0, 2), (lie(0), 2), (0, 4), (sum, 4),
        (lie(member.bytes.count), 4),
        (lie(member.bytes.count), 4), (lie(member.name.count), 2), (lie(0), 2), (lie(0), 2), (0, 2), (0, 2),
        (0, 4),
        (lie(place), 4),
      ])
      directory += member.name
    }
    let end = fields([
      (0x0605_4B50, 4), (0, 4), (lie(members.count), 2), (lie(members.count), 2), (lie(directory.count), 4),
      (lie(archive.count), 4), (0, 2),
    ])
    return archive + directory + end
  }
}
