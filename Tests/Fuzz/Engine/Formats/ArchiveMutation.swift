/// Changes a ZIP archive (NumPy's, PyTorch's, Keras's), which it writes anew, with stored members and correct checksums.
enum ArchiveMutation {
  private struct Member {
    var name: [UInt8]
    var bytes: [UInt8]
  }

  /// The stored members of an archive, in the order of its directory, whose sizes are those that count.
  private static func members(_ bytes: [UInt8]) -> [Member] {
    func number(_ place: Int, _ width: Int) -> Int {
      guard place >= 0, place + width <= bytes.count else { return 0 }
      return (0..<width).reduce(0) { $0 | Int(bytes[place + $1]) << (8 * $1) }
    }
    let end = (0...max(bytes.count - 22, 0)).last { number($0, 4) == 0x0605_4B50 }
    var members: [Member] = []
    var place = end.map { number($0 + 16, 4) } ?? 0
    while place + 46 <= bytes.count, number(place, 4) == 0x0201_4B50 {
      let (size, name, head) = (number(place + 20, 4), number(place + 28, 2), number(place + 42, 4))
      let start = head + 30 + number(head + 26, 2) + number(head + 28, 2)
      guard number(place + 10, 2) == 0, place + 46 + name <= bytes.count, start + size <= bytes.count else {
        break
      }
      members.append(
        Member(name: Array(bytes[place + 46..<place + 46 + name]), bytes: Array(bytes[start..<start + size])))
      place += 46 + name + number(place + 30, 2) + number(place + 32, 2)
    }
    return members
  }

  static func changed(_ bytes: [UInt8], _ random: inout RandomNumbers) -> [UInt8] {
    var members = members(bytes)
    guard !members.isEmpty, random.happens(0.9) else { return Boundary.changed(bytes, &random) }
    for _ in 0..<random.pick([0, 1, 1, 2]) {
      let place = random.below(members.count)
      switch random.below(5) {
      case 0 where random.happens(0.5):
        members[place].name = Array((random.pick(Boundary.texts) + ".npy").utf8)
      case 0: members[place].name = random.pick(members).name
      case 1: members.append(members[place])
      default:
        // Mostly what describes the rest.
        let isTold = { (member: Member) in
          [".pkl", ".json", ".npy"].contains { String(decoding: member.name, as: UTF8.self).hasSuffix($0) }
        }
        let told = members.indices.filter { isTold(members[$0]) }
        let chosen = told.isEmpty || random.happens(0.2) ? place : random.pick(told)
        members[chosen].bytes = changed(member: members[chosen], &random)
      }
    }
    return written(members, &random)
  }

  /// A member changed by its own format.
  private static func changed(member: Member, _ random: inout RandomNumbers) -> [UInt8] {
    let name = String(decoding: member.name, as: UTF8.self)
    switch name.split(separator: ".").last ?? "" {
    case "npy": return header(member.bytes, &random)
    case "pkl": return PickleMutation.changed(member.bytes, &random)
    case "json": return TokenMutation.changed(member.bytes, &random)
    case "h5": return ByteMutation(member.bytes).mutant(&random, other: member.bytes)
    default: return Boundary.changed(member.bytes, &random)
    }
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
