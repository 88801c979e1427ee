import Foundation
import TestSupport
import Testing

@testable import WeftBase

/// Folders may contain names that are not text.
@Suite struct FolderListingTests {
  /// Creates an empty file with a name of these bytes; false where the file system refuses it.
  private static func create(_ name: [UInt8], in folder: TemporaryFolder) -> Bool {
    let bytes = (Array("\(folder.path)/".utf8) + name + [0]).map(CChar.init(bitPattern:))
    let descriptor = open(bytes, O_CREAT | O_WRONLY, 0o600)
    if descriptor >= 0 { close(descriptor) }
    return descriptor >= 0
  }

  @Test func namesThatAreNotTextAreNamedWhereTheyMatter() throws {
    let folder = try TemporaryFolder()
    for name in ["b.wav", "a.txt", "inner/c.wav", "inner/deep/d.wav"] {
      let path = folder.file(name)
      try FileManager.default.createDirectory(
        atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
      try Data().write(to: URL(filePath: path))
    }
    symlink(".", folder.file("loop"))
    try #require(Self.create([0x61, 0xFF], in: folder))
    func files() throws -> [String] {
      try FolderListing.files(under: folder.path) { $0.hasSuffix(".wav") }.sorted()
    }
    #expect(FolderListing.names(in: folder.path).sorted() == ["a.txt", "b.wav", "inner", "loop"])
    #expect(try files() == ["b.wav", "inner/c.wav", "inner/deep/d.wav"])
    try #require(Self.create(Array("x\u{FFFD}".utf8) + [0xFE] + Array(".wav".utf8), in: folder))
    let error = #expect(throws: WeftError.self) { try files() }
    #expect(
      error?.message
        == "\(folder.path): contains 'x\u{FFFD}\\xFE.wav', a name that is not UTF-8 text; rename it")
    #expect(throws: WeftError.file("/no/such: cannot be read: No such file or directory")) {
      try FolderListing.files(under: "/no/such") { _ in true }
    }
  }
}
