import Foundation
import TestSupport
import Testing

/// Standard input, output and error may be closed, full, or read by nobody.
@Suite struct StandardStreamTests {
  /// Numbers of closed descriptors must not be those of files, which would receive what is printed.
  @Test(arguments: ["<&- >&- 2>&-", ">&-", "2>&-", "<&-"]) func closedStreamsTakeNoFile(_ closed: String)
    throws
  {
    try SmallRun.withFolder { folder in
      let result = try Command.shell("$WEFT train small.yaml --output run \(closed)", in: folder)
      #expect(result.status == 0)
      for name in ["metrics.jsonl", "times.jsonl", "gradients.jsonl"] {
        let lines = try String(decoding: SmallRun.contents(folder, "run/\(name)"), as: UTF8.self)
          .split(separator: "\n")
        #expect(!lines.isEmpty)
        for line in lines {
          #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(line.utf8)) }
        }
      }
      #expect(try Command.run("inspect", "run", in: folder).status == 0)
    }
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full"), "this system has no /dev/full"))
  func resultsThatCannotBePrintedAreAnError() throws {
    try SmallRun.withFolder { folder in
      #expect(try Command.run("train", "small.yaml", "--output", "run", in: folder).status == 0)
      for command in [
        "--help", "--version", "help train", "reference", "inspect run", "inspect --json run",
        "inspect text.h5",
        "inspect run --gradients", "watch run --once", "evaluate run", "evaluate run --json",
        "generate run --length 9", "generate run --length 9 --beam 2", "data describe text.h5",
        "data convert text.h5 -o copy.h5", "export run --to onnx model.onnx", "import model.onnx -o imported",
        "report run --no-samples", "bench layer --help", "train small.yaml -o other",
        "--generate-completion-script bash",
      ] {
        let result = try Command.shell("$WEFT \(command) > /dev/full", in: folder)
        #expect(result.status == 1, "\(command)")
        let errors = result.errors.split(separator: "\n").filter { $0.hasPrefix("weft: error: ") }
        #expect(
          errors == ["weft: error: standard output: cannot be written: No space left on device"], "\(command)"
        )
      }
    }
  }

  /// `weft … | head -1`
  @Test(arguments: ["", "trap '' PIPE; "]) func aReaderThatWentAwayIsNoError(_ setting: String) throws {
    try SmallRun.withFolder { folder in
      #expect(try Command.run("train", "small.yaml", "--output", "run", in: folder).status == 0)
      for command in ["reference", "generate run --length 100000", "train --help"] {
        let result = try Command.shell(
          "\(setting){ $WEFT \(command); echo $? > status; } | head -c 1 > first; cat status", in: folder)
        #expect(result.errors.isEmpty, "\(command): \(result.errors)")
        #expect(["0\n", "141\n"].contains(result.output), "\(command): \(result.output)")
      }
    }
  }

  @Test func standardErrorThatIsFullChangesNothing() throws {
    try SmallRun.withFolder { folder in
      let result = try Command.shell("$WEFT train small.yaml --output run 2> /dev/full", in: folder)
      #expect(result.status == 0)
      #expect(try Command.shell("$WEFT inspect nothing 2> /dev/full", in: folder).status == 1)
    }
  }

  @Test func aFolderAsStandardInputIsOneLine() throws {
    try SmallRun.withFolder { folder in
      #expect(try Command.run("train", "small.yaml", "--output", "run", in: folder).status == 0)
      let result = try Command.shell("$WEFT classify run < /", in: folder)
      #expect(result.status == 1)
      #expect(result.errors.split(separator: "\n").count == 1)
    }
  }
}
