import Foundation
import HDF5
import TestSupport
import Testing

/// Texts as bytes, and splits of exact numbers of characters or bytes, as text8 and enwik8 are divided.
@Suite struct ExactTextTests {
  /// Without a line break at the end, in two files, with characters of one to four bytes.
  private static let texts = ["one línea\r\nΩ two", " three 🎈 four"]

  private static func write(in folder: URL) throws {
    for (number, text) in texts.enumerated() {
      try Data(text.utf8).write(to: folder.appending(path: "\(number).txt"))
    }
  }

  private static func tokens(_ split: String, in folder: URL) throws -> [Int] {
    try File(opening: folder.appending(path: "text.h5").path).dataset("\(split)/tokens").read(as: Int.self)
  }

  @Test func characters() throws {
    try TemporaryFolder.use { folder in
      try Self.write(in: folder)
      let result = try Command.run(
        "data", "text", "0.txt", "1.txt", "--split-counts", "12,9,5", "-o", "text.h5", in: folder)
      #expect(result.status == 0, "\(result.errors)")
      let file = try File(opening: folder.appending(path: "text.h5").path)
      let vocabulary = try file.dataset("vocabulary").read(as: String.self)
      let all = Array(Self.texts.joined().unicodeScalars).map(String.init)
      var start = 0
      for (split, count) in [("train", 12), ("validation", 9), ("test", 5)] {
        let found = try Self.tokens(split, in: folder).map { vocabulary[$0] }
        // What training lacks is unknown.
        let known = Set(all[..<12])
        #expect(found == all[start..<start + count].map { known.contains($0) ? $0 : "<unk>" }, "\(split)")
        start += count
      }
    }
  }

  @Test func bytes() throws {
    try TemporaryFolder.use { folder in
      try Self.write(in: folder)
      let result = try Command.run(
        "data", "text", "0.txt", "1.txt", "--unit", "bytes", "--split-counts", "6,20", "-o", "text.h5",
        in: folder)
      #expect(result.status == 0, "\(result.errors)")
      let all = Self.texts.joined().utf8.map(Int.init)
      #expect(try Self.tokens("train", in: folder) == Array(all[..<6]))
      #expect(try Self.tokens("validation", in: folder) == Array(all[6..<26]))
      try Data(
        """
        data: {file: text.h5, window: 5}
        model: {cell: gru, hidden: 8}
        training: {batch: 2, steps: 2}

        """.utf8
      ).write(to: folder.appending(path: "train.yaml"))
      #expect(try Command.run("train", "train.yaml", "--output", "run", in: folder).status == 0)
      let text = try Command.run("generate", "run", "--prompt", "ñ🎈", "--length", "50", in: folder)
      #expect(text.status == 0 && text.output.hasPrefix("ñ🎈"), "\(text.errors)")
      let scored = try Command.run("score", "run", "0.txt", in: folder)
      #expect(scored.status == 0 && scored.output.contains("18 tokens"), "\(scored.output)")
    }
  }

  static let cases: [(arguments: [String], status: Int32, message: String)] = [
    (
      ["--split-counts", "12,30"], 1,
      "0.txt, 1.txt: 29 characters, fewer than the 42 of --split-counts"
    ),
    (
      ["--split-counts", "12,0"], 2,
      "--split-counts: invalid counts '12,0'; expected one to three positive numbers, such as"
        + " 90000000,5000000,5000000"
    ),
    (["--split-counts", "3", "--unit", "words"], 2, "--split-counts counts characters or bytes, not words"),
    (["--split-counts", "3", "--split", "0.9,0.1"], 2, "--split-counts cannot be combined with --split"),
  ]

  @Test(arguments: cases)
  func refusals(arguments: [String], status: Int32, message: String) throws {
    try TemporaryFolder.use { folder in
      try Self.write(in: folder)
      let result = try Command.run(
        ["data", "text", "0.txt", "1.txt", "-o", "text.h5"] + arguments, in: folder)
      #expect(result.status == status && result.errors == "weft: error: \(message)\n", "\(result.errors)")
      #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "text.h5").path))
    }
  }
}
