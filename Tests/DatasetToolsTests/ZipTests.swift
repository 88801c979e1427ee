import Foundation
import TestSupport
import Testing

@testable import DatasetTools

/// Archives whose members stand for more than they contain.
@Suite struct ZipTests {
  private typealias Member = StoredArchive.Member

  private static let array: [UInt8] = {
    let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }"
    let text = header + String(repeating: " ", count: 117 - header.utf8.count) + "\n"
    return [0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0] + Array(text.utf8) + [UInt8](repeating: 0, count: 8)
  }()

  private func write(_ members: [Member]) throws {
    let fixture = try Fixture()
    let path = fixture.path("in.npz")
    try Data(StoredArchive.bytes(members)).write(to: URL(filePath: path))
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
