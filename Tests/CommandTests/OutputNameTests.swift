import Foundation
import TestSupport
import Testing

/// Outputs that are odd names, or files that are read.
@Suite("Names of outputs") struct OutputNameTests {
  @Test(
    "of one character are written",
    arguments: [
      "data text a.txt -o x", "data text a.txt -o é", "data parallel pairs.tsv -o x",
      "data table t.csv --inputs b -o x",
      "data convert made.h5 -o x", "init made.h5 -o y",
    ])
  func oneCharacter(_ arguments: String) throws {
    try Self.withFiles { folder in
      let words = arguments.split(separator: " ").map(String.init)
      let result = try Command.run(words, in: folder)
      #expect(result.status == 0, "\(result.errors)")
      #expect(FileManager.default.fileExists(atPath: folder.appending(path: words[words.count - 1]).path))
    }
  }

  @Test("that are folders are one line", arguments: [".", "..", "/", "f"])
  func folders(_ name: String) throws {
    try Self.withFiles { folder in
      try FileManager.default.createDirectory(
        at: folder.appending(path: "f"), withIntermediateDirectories: true)
      for command in [
        ["data", "text", "a.txt"], ["data", "text", "a.txt", "--overwrite"],
        ["init", "made.h5", "--overwrite"],
      ] {
        let result = try Command.run(command + ["-o", name], in: folder)
        #expect(result.status == 1)
        #expect(result.errors == "weft: error: \(name): is a folder; name a file\n")
      }
    }
  }

  @Test(
    "that are inputs are refused, and the input is kept",
    arguments: [
      ("data text a.txt", "a.txt"), ("data parallel pairs.tsv", "pairs.tsv"),
      ("data parallel a.txt b.txt", "b.txt"), ("data table t.csv --inputs b", "t.csv"),
      ("data audio pairs.tsv", "pairs.tsv"), ("data images pairs.tsv", "pairs.tsv"),
      ("data numpy n.npy", "n.npy"), ("data ts s.ts", "s.ts"), ("data hdf5 made.h5 --inputs /x", "made.h5"),
      ("data convert made.h5", "made.h5"), ("data split made.h5 --fractions 0.5,0.5", "made.h5"),
      ("data merge made.h5 made.h5", "made.h5"), ("data text a.txt --vocabulary made.h5", "made.h5"),
      ("init made.h5", "made.h5"),
    ])
  func inputs(_ command: String, _ input: String) throws {
    try Self.withFiles { folder in
      let whole = try Data(contentsOf: folder.appending(path: input))
      for output in [input, "./\(input)", "soft", "hard", folder.appending(path: input).path] {
        let result = try Command.run(
          command.split(separator: " ").map(String.init) + ["-o", output, "--overwrite"], in: folder)
        #expect(result.status == 2, "\(command) -o \(output)")
        let what = output == input ? "an input" : "the input \(input) under another name"
        #expect(result.errors == "weft: error: --output \(output): is \(what); name another file\n")
        #expect(try Data(contentsOf: folder.appending(path: input)) == whole)
        try? FileManager.default.removeItem(at: folder.appending(path: "soft"))
        try? FileManager.default.removeItem(at: folder.appending(path: "hard"))
        try FileManager.default.createSymbolicLink(
          atPath: folder.appending(path: "soft").path, withDestinationPath: input)
        try FileManager.default.linkItem(
          at: folder.appending(path: input), to: folder.appending(path: "hard"))
      }
    }
  }

  private static func withFiles(_ body: (URL) throws -> Void) throws {
    try TemporaryFolder.use { folder in
      for (name, text) in [
        ("a.txt", "warp and weft\nweft and warp\n"), ("b.txt", "trama\nurdimbre\n"),
        ("pairs.tsv", "a b\tx y\nb a\ty x\n"), ("t.csv", "a,b\n1,2\n3,4\n5,6\n"), ("n.npy", "none"),
        ("s.ts", "none"),
      ] { try Data(text.utf8).write(to: folder.appending(path: name)) }
      try Command.succeed("data", "text", "a.txt", "-o", "made.h5", in: folder)
      try body(folder)
    }
  }
}
