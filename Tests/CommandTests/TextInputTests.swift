import Foundation
import HDF5
import TestSupport
import Testing

/// Text as it comes from other systems, and vocabularies that exist.
@Suite("Text that commands read") struct TextInputTests {
  /// A byte order mark and line ends of Windows are no text.
  @Test func marksAndLineEndsAreNoText() throws {
    try SmallRun.withFolder { folder in
      try Command.succeed("train", "small.yaml", "--output", "run", "--threads", "1", in: folder)
      func write(_ text: String, _ name: String) throws {
        try Data(text.utf8).write(to: folder.appending(path: name))
      }
      let lines = "a bad\nface bag\n"
      let windows = "\u{FEFF}" + lines.replacing("\n", with: "\r\n")
      try write(lines, "plain.txt")
      try write(windows, "windows.txt")
      for command in [["score", "run"], ["generate", "run", "--length", "5", "--prompt-file"]] {
        let plain = try Command.run(command + ["plain.txt"], in: folder)
        let other = try Command.run(command + ["windows.txt"], in: folder)
        #expect(plain.status == 0 && plain.output == other.output, "\(plain.errors)\(other.errors)")
      }
      let plain = try Command.run(
        ["generate", "run", "--length", "5", "--prompt-file", "-"], input: lines, in: folder)
      let other = try Command.run(
        ["generate", "run", "--length", "5", "--prompt-file", "-"], input: windows, in: folder)
      #expect(plain.status == 0 && plain.output == other.output, "\(other.errors)")
    }
  }

  @Test(
    "Options that contradict a vocabulary are refused",
    arguments: [
      (["--unit", "words"], "--unit words: the vocabulary of known.h5 is of characters; remove --unit"),
      (
        ["--minimum-count", "2"],
        "--minimum-count cannot be combined with --vocabulary, which has all tokens; remove --minimum-count"
      ),
      (
        ["--vocabulary-size", "9"],
        "--vocabulary-size cannot be combined with --vocabulary, which has all tokens; remove --vocabulary-size"
      ),
      (
        ["--unit", "subwords", "--algorithm", "bpe"],
        "--algorithm cannot be combined with --vocabulary, which has all tokens; remove --algorithm"
      ),
    ])
  func contradictions(_ options: [String], _ message: String) throws {
    try TemporaryFolder.use { folder in
      try Data("weft and warp\n".utf8).write(to: folder.appending(path: "a.txt"))
      try Data("WARP\n".utf8).write(to: folder.appending(path: "b.txt"))
      try Command.succeed("data", "text", "a.txt", "-o", "known.h5", in: folder)
      let result = try Command.run(
        ["data", "text", "b.txt", "--vocabulary", "known.h5", "-o", "b.h5"] + options, in: folder)
      #expect(result.status == 2)
      #expect(result.errors == "weft: error: \(message)\n")
      try Command.succeed(
        "data", "text", "b.txt", "--vocabulary", "known.h5", "--unit", "characters", "--lowercase", "-o",
        "b.h5",
        in: folder)
      let known = try File(opening: folder.path + "/known.h5").dataset("vocabulary").read(as: String.self)
      let file = try File(opening: folder.path + "/b.h5")
      #expect(try file.dataset("train/tokens").read(as: Int.self).map { known[$0] }.joined() == "warp\n")
    }
  }

  /// The command that is named works once the list is there.
  @Test(arguments: [
    ("voice.flac", "a recording", "audio", "clips"), ("rgb.png", "a picture", "images", "pictures"),
  ])
  func aSingleFileIsTold(_ file: String, _ kind: String, _ command: String, _ list: String) throws {
    try TemporaryFolder.use { folder in
      try FileManager.default.copyItem(
        at: Command.packageFolder.appending(path: "Tests/MediaTests/Fixtures/\(file)"),
        to: folder.appending(path: file))
      let result = try Command.run("train", file, in: folder)
      #expect(result.status == 2)
      let advice = "weft data \(command) \(list).tsv --output \(list).h5"
      #expect(
        result.errors
          == "weft: error: \(file): is \(kind), not an HDF5 dataset; write lines of PATH, a tab and its text in"
          + " \(list).tsv, and run: \(advice) && weft train \(list).h5\n")
      try Data("\(file)\ta text\n".utf8).write(to: folder.appending(path: "\(list).tsv"))
      #expect(
        try Command.run(advice.split(separator: " ").dropFirst().map(String.init), in: folder).status == 0)
    }
  }
}
