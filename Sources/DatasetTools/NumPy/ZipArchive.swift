import CZlib
import Foundation
import WeftBase

/// The members of a ZIP archive, such as NumPy's `.npz`. Source: PKWARE's APPNOTE.TXT 6.3.
struct ZipArchive {
  /// A file of the archive.
  struct Member {
    let name: String
    fileprivate let method: Int
    fileprivate let compressedCount: Int
    fileprivate let count: Int
    fileprivate let checksum: UInt32
    fileprivate let headOffset: Int
  }

  let members: [Member]
  private let file: RandomAccessFile
  private let budget: FileBudget

  private static let maximumMemberCount = 100_000

  /// - Throws: If the file cannot be read or is not an archive.
  init(_ path: String) throws(WeftError) {
    let file = try RandomAccessFile(path)
    self.file = file
    budget = FileBudget(path: path, fileBytes: file.byteCount, expansion: FileBudget.compressedExpansion)
    func failure(_ message: String) -> WeftError { .failure("\(path): \(message)") }
    // The position of the directory is at the end, before a comment of at most 65,535 bytes.
    let tailOffset = max(file.byteCount - 65_557, 0)
    let tail = try file.read(at: tailOffset, count: file.byteCount - tailOffset)
    guard tail.count >= 22,
      let end = stride(from: tail.count - 22, through: 0, by: -1).first(where: {
        tail.number(at: $0, 4) == 0x0605_4b50
      })
    else { throw failure("is not a ZIP archive; save it with numpy.savez") }
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

  /// The bytes of a member, decompressed into an anonymous temporary file beside `path` for random access.
  ///
  /// - Throws: If it is damaged, or compressed by another method than NumPy's.
  func open(_ member: Member, beside path: String) throws(WeftError) -> RandomAccessFile {
    let name = "\(file.path): \(member.name)"
    let head = try file.read(at: member.headOffset, count: 30)
    guard member.headOffset >= 0, head.count == 30, head.number(at: 0, 4) == 0x0403_4b50 else {
      throw .failure("\(name): is damaged")
    }
    guard member.method == 0 || member.method == 8 else {
      throw .failure(
        "\(name): unsupported compression method \(member.method); save it with numpy.savez or"
          + " savez_compressed"
      )
    }
    let start = member.headOffset + 30 + head.number(at: 26, 2) + head.number(at: 28, 2)
    guard member.compressedCount >= 0, start <= file.byteCount - member.compressedCount else {
      throw .failure("\(name): is truncated")
    }
    try budget.take(bytes: member.count)
    let unpacker = Unpacker(name: name, isDeflated: member.method == 8)
    return try RandomAccessFile(temporaryBeside: path, name: name) { descriptor throws(WeftError) in
      try unpacker.begin(descriptor)
      var offset = start
      let end = start + member.compressedCount
      while offset < end {
        let part = try file.read(at: offset, count: min(1 << 20, end - offset))
        guard !part.isEmpty else { throw .failure("\(name): is truncated") }
        try unpacker.add(part)
        offset += part.count
        // Reject archives that decompress to more than their directory claims.
        guard unpacker.count <= member.count else { break }
      }
      guard unpacker.count == member.count, unpacker.checksum == member.checksum else {
        throw .failure("\(name): is damaged: length or checksum does not match the archive")
      }
    }
  }
}

/// Decompresses a member into a file.
private final class Unpacker {
  private let name: String
  private let isDeflated: Bool
  private var stream = z_stream()
  private var descriptor: Int32 = -1
  private var output = [UInt8](repeating: 0, count: 1 << 20)
  /// Bytes written, and their checksum.
  private(set) var count = 0
  private(set) var checksum: UInt32 = 0

  init(name: String, isDeflated: Bool) {
    self.name = name
    self.isDeflated = isDeflated
  }

  deinit { if descriptor >= 0, isDeflated { inflateEnd(&stream) } }

  func begin(_ descriptor: Int32) throws(WeftError) {
    guard !isDeflated || czlib_begin_raw_inflation(&stream) == Z_OK else {
      throw .failure("\(name): not enough memory to unpack it")
    }
    self.descriptor = descriptor
  }

  func add(_ part: [UInt8]) throws(WeftError) {
    guard isDeflated else { return try write(part, part.count) }
    var part = part
    var rest = part.count
    while rest > 0 {
      let (status, produced): (Int32, Int) = part.withUnsafeMutableBufferPointer { input in
        output.withUnsafeMutableBufferPointer { room in
          stream.next_in = input.baseAddress.map { $0 + (input.count - rest) }
          stream.avail_in = UInt32(rest)
          stream.next_out = room.baseAddress
          stream.avail_out = UInt32(room.count)
          let status = inflate(&stream, Z_NO_FLUSH)
          rest = Int(stream.avail_in)
          return (status, room.count - Int(stream.avail_out))
        }
      }
      guard status == Z_OK || status == Z_STREAM_END || (status == Z_BUF_ERROR && produced > 0) else {
        throw .failure("\(name): is damaged: cannot be decompressed")
      }
      try write(output, produced)
      if status == Z_STREAM_END { return }
    }
  }

  private func write(_ bytes: [UInt8], _ byteCount: Int) throws(WeftError) {
    var done = 0
    while done < byteCount {
      let written = bytes.withUnsafeBytes {
        Foundation.write(descriptor, $0.baseAddress.map { $0 + done }, byteCount - done)
      }
      if written < 0, errno == EINTR { continue }
      guard written > 0 else { throw .system("\(name): cannot be unpacked to a temporary file", errno) }
      done += written
    }
    checksum = UInt32(truncatingIfNeeded: crc32(UInt(checksum), bytes, UInt32(byteCount)))
    count += byteCount
  }
}

extension [UInt8] {
  /// A little-endian integer of this many bytes; −1 if out of range.
  fileprivate func number(at place: Int, _ byteCount: Int) -> Int {
    guard place >= 0, place <= count - byteCount else { return -1 }
    let value = (0..<byteCount).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64(self[place + $1]) }
    return Int(exactly: value) ?? -1
  }
}
