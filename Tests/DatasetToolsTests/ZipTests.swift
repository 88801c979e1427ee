import Foundation
import TestSupport
import Testing

@testable import DatasetTools

/// Archives whose members stand for more than they contain.
@Suite struct ZipTests {
  /// A stored member of an archive, and the member whose bytes its directory entry names.
  private struct Member {
    let name: String
    let bytes: [UInt8]
    var place: Int?
  }

  private static func checksum(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(~0) { sum, byte in
      (0..<8).reduce(sum ^ UInt32(byte)) { sum, _ in sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1 }
    }
  }

  private static func little(_ fields: [(Int, Int)]) -> [UInt8] {
    fields.flatMap { value, width in (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
  }

  private static func archive(_ members: [Member]) -> [UInt8] {
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
        (0x0201_4B50, 4), (20, 2), (20, 2), (0, 8), (sum, 4), (size, 4), (size, 4), (name.count, 2), (0, 8),
        (0, 4),
        (place, 4),
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

  private static let array: [UInt8] = {
    let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }"
    let text = header + String(repeating: " ", count: 117 - header.utf8.count) + "\n"
    return [0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0] + Array(text.utf8) + [UInt8](repeating: 0, count: 8)
  }()

  private func write(_ members: [Member]) throws {
    let fixture = try Fixture()
    let path = fixture.path("in.npz")
    try Data(Self.archive(members)).write(to: URL(filePath: path))
    try fixture.make { try ArrayDataset(files: [path]).write(to: $0, progress: $1) }
  }

  private func expectRefusal(_ complaint: String, _ members: [Member]) {
    do {
      try write(members)
      Issue.record("not refused: \(complaint)")
    } catch { #expect("\(error)".contains(complaint), "\(error)") }
  }

  @Test func membersMustNotOverlap() throws {
    try write([Member(name: "a.npy", bytes: Self.array), Member(name: "b.npy", bytes: Self.array)])
    let shared = (0..<50).map { Member(name: "m\($0).npy", bytes: Self.array, place: 0) }
    expectRefusal("overlap", shared)
  }

  @Test func namesAreBounded() {
    for name in [String(repeating: "a/", count: 20), String(repeating: "a", count: 2000)] {
      expectRefusal("too long", [Member(name: name + "x.npy", bytes: Self.array)])
    }
  }
}
