import Foundation
import TestSupport
import Testing

@testable import WeftBase

@Suite struct FileBudgetTests {
  @Test func memoryIsInProportionToTheFile() throws {
    let budget = FileBudget(path: "x.h5", fileBytes: 1 << 30)
    try budget.take(bytes: 8 << 30)
    try budget.take(elements: [1 << 20, 1 << 10], of: 8)
    let small = FileBudget(path: "x.h5", fileBytes: 1000)
    try small.take(bytes: 60 << 20)
    #expect(
      throws: WeftError.file("x.h5: unpacks to more than 64 MiB, but has only 1000 bytes; is it damaged?")
    ) {
      try small.take(bytes: 60 << 20)
    }
    for bytes in [nil, -1, Int.max] { #expect(throws: WeftError.self) { try budget.take(bytes: bytes) } }
    #expect(throws: WeftError.self) { try budget.take(elements: [.max, .max], of: 4) }
    #expect(throws: WeftError.self) { try FileBudget(path: "x", fileBytes: .max).take(bytes: nil) }
  }

  @Test func objectsAreCounted() throws {
    let budget = FileBudget(path: "x.onnx", fileBytes: 1000)
    for _ in 0..<1000 { try budget.take(objects: 1000) }
    #expect(throws: WeftError.self) { for _ in 0..<10_000 { try budget.take(objects: 1000) } }
    #expect(throws: WeftError.self) { try budget.take(objects: -1) }
  }

  /// Opening a pipe would wait for a writer, and reading a device would never end.
  @Test func onlyFilesAreRead() throws {
    try TemporaryFolder.use { folder in
      let pipe = folder.appending(path: "pipe").path
      #expect(mkfifo(pipe, 0o600) == 0)
      for path in [pipe, "/dev/zero", "/dev/tty", folder.path] {
        #expect(throws: WeftError.self) { try TextFile.contents(of: path) }
      }
      #expect(throws: WeftError.file("\(pipe): is not a regular file")) { try RegularFile(pipe) }
      let file = folder.appending(path: "text").path
      try Data("a text".utf8).write(to: URL(filePath: file))
      #expect(try TextFile.contents(of: file) == "a text")
      #expect(try RegularFile(file).read(at: 2, count: 99) == Array("text".utf8))
      #expect(try RegularFile(file).read(at: 99, count: 99) == [])
      #expect(try RegularFile(file).read(at: .max, count: 99) == [])
      #expect(throws: WeftError.self) { try TextFile.contents(of: file, atMost: 5) }
    }
  }
}
