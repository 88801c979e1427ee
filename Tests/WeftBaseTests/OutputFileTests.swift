import Foundation
import TestSupport
import Testing

@testable import WeftBase

/// Files appear when they are complete, with or without a temporary name.
@Suite struct OutputFileTests {
  private static func write(_ text: String, to file: OutputFile) throws {
    try text.utf8.withContiguousStorageIfAvailable { try file.write(UnsafeRawBufferPointer($0)) }
  }

  private static func names(_ folder: TemporaryFolder) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
  }

  private static func text(_ path: String) throws -> String {
    try String(contentsOfFile: path, encoding: .utf8)
  }

  @Test(arguments: [false, true]) func theNameComesAtTheEnd(_ isNamed: Bool) throws {
    let folder = try TemporaryFolder()
    let path = folder.file("a.txt")
    try Data("old".utf8).write(to: URL(filePath: path))
    let first = try OutputFile(path, isNamed: isNamed)
    let second = try OutputFile(path, isNamed: isNamed)
    try Self.write("first", to: first)
    try Self.write("second", to: second)
    #expect(try Self.text(path) == "old")
    try first.publish()
    #expect(try Self.text(path) == "first")
    try second.publish()
    #expect(try Self.text(path) == "second")
    #expect(try Self.names(folder) == ["a.txt"])
  }

  @Test(arguments: [false, true]) func nothingIsLeftOfOneThatIsGivenUp(_ isNamed: Bool) throws {
    let folder = try TemporaryFolder()
    do {
      let file = try OutputFile(folder.file("a.txt"), isNamed: isNamed)
      try Self.write("half", to: file)
      #expect(try Self.names(folder).count == (isNamed ? 1 : 0))
    }
    #expect(try Self.names(folder).isEmpty)
  }

  @Test(arguments: [false, true]) func anotherFileIsReplacedOnlyIfWanted(_ isNamed: Bool) throws {
    let folder = try TemporaryFolder()
    let path = folder.file("a.txt")
    do {
      let file = try OutputFile(path, isNamed: isNamed)
      try Data("other".utf8).write(to: URL(filePath: path))
      #expect(
        throws: WeftError.file("\(path): file exists; name another output, or add --overwrite")
      ) { try file.publish(replacing: false) }
    }
    #expect(try Self.text(path) == "other")
    #expect(try Self.names(folder) == ["a.txt"])
    unlink(path)
    let file = try OutputFile(path, isNamed: isNamed)
    try file.publish(replacing: false)
    #expect(try Self.names(folder) == ["a.txt"])
  }

  @Test(arguments: [false, true]) func aLinkIsReplacedNotFollowed(_ isNamed: Bool) throws {
    let folder = try TemporaryFolder()
    let victim = folder.file("victim")
    try Data("precious".utf8).write(to: URL(filePath: victim))
    symlink("victim", folder.file("a.txt"))
    let file = try OutputFile(folder.file("a.txt"), isNamed: isNamed)
    try Self.write("new", to: file)
    try file.publish()
    #expect(try Self.text(victim) == "precious" && Self.text(folder.file("a.txt")) == "new")
  }

  @Test func foldersAndDevicesAreRefused() throws {
    let folder = try TemporaryFolder()
    #expect(throws: WeftError.file("\(folder.path): is a folder; name a file")) {
      try OutputFile(folder.path)
    }
    #expect(throws: WeftError.file("/dev/null: is not a regular file; name another file")) {
      try OutputFile("/dev/null")
    }
  }

  /// The name that a killed writer left is removed by the next one of the same output, and no other name.
  @Test func abandonedNamesGo() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("a.txt")
    let own = (TemporaryName.make(for: path) as NSString).lastPathComponent
    // No process has this number: Linux has at most 2²² of them.
    let dead = own.replacing("-\(getpid())-", with: "-\(Int32.max)-")
    let elsewhere = "a.txt.00000000-\(Int32.max)-1.partial"
    let other = dead.replacing("a.txt", with: "b.txt")
    for name in [own, dead, elsewhere, other, "a.txt.partial"] {
      try Data().write(to: URL(filePath: folder.file(name)))
    }
    try TextFile.replace(path, with: "text")
    #expect(try Self.names(folder) == ["a.txt", own, elsewhere, other, "a.txt.partial"].sorted())
    #expect(
      TemporaryName.isInUse(own) && !TemporaryName.isInUse(dead) && !TemporaryName.isInUse("a.txt.partial"))
  }

  @Test(arguments: [false, true]) func longNamesAndNamesOfOtherScripts(_ isNamed: Bool) throws {
    let folder = try TemporaryFolder()
    for name in [String(repeating: "n", count: 255), String(repeating: "日", count: 85), "a\nb", " "] {
      try OutputFile(folder.file(name), isNamed: isNamed).publish()
      #expect(try Self.names(folder) == [name])
      unlink(folder.file(name))
    }
  }
}
