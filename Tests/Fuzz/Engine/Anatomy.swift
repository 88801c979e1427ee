/// Positions of the structures in an HDF5 file that control the library.
///
/// Found by looking for the structures' signatures, not by following the file: a mutated file has them too.
struct Anatomy {
  /// First bytes of structures, and of objects' headers, which have no signature in the oldest format.
  private(set) var structures: [Int] = []
  /// Structures followed by a checksum.
  private(set) var sealed: [Range<Int>] = []

  /// HDF5 File Format Specification 3.0, sections II to IV.
  private static let signatures = [
    "TREE", "SNOD", "HEAP", "GCOL", "OHDR", "OCHK", "FRHP", "FHDB", "FHIB", "BTHD", "BTLF", "BTIN", "FSHD",
    "FSSE",
    "SMTB", "SMLI", "FAHD", "FADB", "EAHD", "EAIB", "EASB", "EADB",
  ].map { Array($0.utf8) }
  /// The longest structure whose checksum is looked for.
  private static let longest = 1024

  init(_ bytes: [UInt8]) {
    structures.append(0)
    for place in stride(from: 8, to: max(8, bytes.count - 16), by: 1) {
      if Self.signatures.contains(where: { bytes[place..<place + 4].elementsEqual($0) }) {
        structures.append(place)
        if let end = Self.end(of: place, in: bytes) { sealed.append(place..<end) }
      } else if place % 8 == 0, Self.isOldHeader(place, bytes) {
        structures.append(place)
      }
    }
    if bytes.count > 48, bytes[8] >= 2 { sealed.append(0..<44) }
  }

  /// Version 1, a reserved zero, a few messages and one reference.
  private static func isOldHeader(_ place: Int, _ bytes: [UInt8]) -> Bool {
    bytes[place] == 1 && bytes[place + 1] == 0 && (1...64).contains(bytes[place + 2]) && bytes[place + 3] == 0
      && bytes[place + 4] == 1 && bytes[place + 5...place + 7].allSatisfy { $0 == 0 }
  }

  /// The place that holds the checksum of everything from `start` up to it.
  private static func end(of start: Int, in bytes: [UInt8]) -> Int? {
    (start + 8..<min(start + longest, bytes.count - 4)).first {
      stored(at: $0, in: bytes) == structureChecksum(bytes[start..<$0])
    }
  }

  private static func stored(at place: Int, in bytes: [UInt8]) -> UInt32 {
    (0..<4).reduce(0) { $0 | UInt32(bytes[place + $1]) << (8 * UInt32($1)) }
  }

  /// Recomputes the checksums after bytes were changed in place.
  func seal(_ bytes: inout [UInt8]) {
    for range in sealed where range.upperBound + 4 <= bytes.count {
      let checksum = structureChecksum(bytes[range])
      for byte in 0..<4 { bytes[range.upperBound + byte] = UInt8(truncatingIfNeeded: checksum >> (8 * byte)) }
    }
  }
}
