import CZlib
import Foundation
import WeftBase

extension ZipArchive {
  /// The bytes of an archive of uncompressed files, as parts that follow one another.
  ///
  /// All files have the earliest time that the format knows, so that the same files make the same bytes.
  /// - Parameters:
  ///   - files: Their names, of ASCII, and contents.
  ///   - path: For errors.
  /// - Throws: If the archive would be larger than 4 GiB.
  package static func parts(of files: [(name: String, data: Data)], path: String) throws(WeftError) -> [Data]
  {
    var parts: [Data] = []
    var directory = Data()
    var offset = 0
    for (name, data) in files {
      let name = Data(name.utf8)
      // Version 2.0, no flags, stored, 1 January 1980; checksum and both sizes.
      let common =
        bytes(20, 2) + bytes(0, 4) + bytes(0, 2) + bytes(0x21, 2) + bytes(checksum(data), 4)
        + bytes(data.count, 4) + bytes(data.count, 4) + bytes(name.count, 2) + bytes(0, 2)
      let head = bytes(0x0403_4b50, 4) + common + name
      directory += bytes(0x0201_4b50, 4) + bytes(20, 2) + common + bytes(0, 10) + bytes(offset, 4) + name
      parts += [head, data]
      offset += head.count + data.count
    }
    guard offset + directory.count <= Int(UInt32.max), files.count < 0xFFFF else {
      throw .failure("\(path): would be larger than 4 GiB, which archives of this kind cannot be")
    }
    let end =
      bytes(0x0605_4b50, 4) + bytes(0, 4) + bytes(files.count, 2) + bytes(files.count, 2)
      + bytes(directory.count, 4) + bytes(offset, 4) + bytes(0, 2)
    return parts + [directory, end]
  }

  /// A little-endian integer of this many bytes.
  private static func bytes(_ number: Int, _ count: Int) -> Data {
    Data((0..<count).map { UInt8(truncatingIfNeeded: $0 < 8 ? number >> (8 * $0) : 0) })
  }

  private static func checksum(_ data: Data) -> Int {
    var sum: UInt = 0
    var place = data.startIndex
    while place < data.endIndex {
      let end = min(place + (1 << 24), data.endIndex)
      sum = data[place..<end].withUnsafeBytes { part in
        crc32(sum, part.bindMemory(to: UInt8.self).baseAddress, UInt32(part.count))
      }
      place = end
    }
    return Int(sum)
  }
}
