import Foundation
import TestSupport
import Testing
import WeftBase

@testable import Archives

@Suite struct ZipArchiveTests {
  private typealias Member = StoredArchive.Member

  private func archive(_ members: [Member], expansion: Int = FileBudget.expansion) throws -> ZipArchive {
    let folder = try TemporaryFolder()
    return try withExtendedLifetime(folder) {
      try ZipArchive(
        folder.write(StoredArchive.bytes(members), to: "x.zip"), expansion: expansion, advice: "pack it again"
      )
    }
  }

  @Test func membersAreReadByName() throws {
    let archive = try archive([
      Member(name: "a/data.pkl", bytes: [1, 2, 3]), Member(name: "../../etc/passwd", bytes: [4]),
      Member(name: "empty", bytes: []),
    ])
    let member = try #require(try archive.member("a/data.pkl"))
    #expect(try archive.contents(of: member) == [1, 2, 3])
    // Names are not paths.
    #expect(try archive.contents(of: #require(try archive.member("../../etc/passwd"))) == [4])
    #expect(try archive.contents(of: #require(try archive.member("empty"))) == [])
    #expect(try archive.member("b") == nil)
  }

  @Test func damagedMembersAreRefused() throws {
    for (members, complaint) in [
      ([Member(name: "a", bytes: [1]), Member(name: "a", bytes: [2])], "contains 'a' twice"),
      ([Member(name: "a", bytes: [1, 2], count: 1)], "length or checksum does not match"),
      ([Member(name: "a", bytes: [1, 2], count: 3)], "length or checksum does not match"),
      ([Member(name: "a", bytes: [1, 2], count: 1 << 30)], "unpacks to more than"),
    ] {
      do {
        let archive = try archive(members)
        _ = try archive.contents(of: #require(try archive.member("a")))
        Issue.record("not refused: \(complaint)")
      } catch { #expect("\(error)".contains(complaint), "\(error)") }
    }
  }

  @Test(.enabled(if: Python.has("zipfile"), Python.missing)) func whatPythonCompressed() throws {
    try TemporaryFolder.use { folder in
      let script = """
        import zipfile
        with zipfile.ZipFile("x.zip", "w", zipfile.ZIP_DEFLATED) as file:
            file.writestr("a", bytes(range(256)) * 9000)
            file.writestr("bomb", bytes(200_000_000))
        """
      let status = try Python.run(script, in: folder).status
      #expect(status == 0)
      let archive = try ZipArchive(
        folder.appending(path: "x.zip").path, expansion: FileBudget.expansion, advice: "")
      let contents = try archive.contents(of: #require(try archive.member("a")))
      #expect(contents.count == 256 * 9000 && contents[511] == 255 && contents[512] == 0)
      do {
        _ = try archive.contents(of: #require(try archive.member("bomb")))
        Issue.record("not refused")
      } catch { #expect("\(error)".contains("unpacks to more than"), "\(error)") }
    }
  }
}

/// Archives that Weft writes.
@Suite struct ZipWritingTests {
  @Test(.enabled(if: Python.has("zipfile"), Python.missing)) func areReadByOthers() throws {
    let folder = try TemporaryFolder()
    let long = Data((0..<300_000).map { UInt8(truncatingIfNeeded: $0 * 7) })
    let files = [("config.json", Data("{}".utf8)), ("model.weights.h5", long), ("empty", Data())]
    let parts = try ZipArchive.parts(of: files, path: "x.zip")
    let path = folder.file("x.zip")
    try Data(parts.joined()).write(to: URL(filePath: path))
    let archive = try ZipArchive(path, advice: "")
    for (name, data) in files {
      #expect(try archive.contents(of: #require(try archive.member(name))) == [UInt8](data))
    }
    let result = try Python.run(
      """
      import sys, zipfile
      archive = zipfile.ZipFile(sys.argv[1])
      assert archive.testzip() is None
      assert archive.namelist() == ["config.json", "model.weights.h5", "empty"]
      assert archive.read("model.weights.h5") == bytes(7 * n % 256 for n in range(300_000))
      """, path)
    #expect(result.status == 0, "\(result.output)")
  }
}
