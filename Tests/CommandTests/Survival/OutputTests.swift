import Foundation
import HDF5
import TestSupport
import Testing

/// An output is whole or absent, whoever writes it at the same time and whatever ends its writers.
@Suite struct OutputTests {
  private static let rows = 60_000
  private static let convert = ["data", "table", "big.csv", "--inputs", "a,b", "--output", "out.h5"]

  /// Calls `body` with a folder of a table that takes a moment to convert.
  private static func withTable(_ body: (URL) throws -> Void) throws {
    try TemporaryFolder.use { folder in
      let lines = (0..<rows).map { "\($0),\(Double($0) / 2)\n" }
      try Data(("a,b\n" + lines.joined()).utf8).write(to: folder.appending(path: "big.csv"))
      try body(folder)
    }
  }

  private static func names(_ folder: URL) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
  }

  private static func expectWhole(_ folder: URL) throws {
    let file = try File(opening: folder.appending(path: "out.h5").path)
    #expect(try file.dataset("train/inputs").shape == [rows, 2])
    try file.dataset("train/inputs").verify()
  }

  @Test func twoWritersLeaveAWholeFile() throws {
    try Self.withTable { folder in
      var generator = SystemRandomNumberGenerator()
      for _ in 0..<6 {
        let first = try Command.start(Self.convert + ["--overwrite"], in: folder)
        usleep(.random(in: 0...60_000, using: &generator))
        let second = try Command.start(Self.convert + ["--overwrite"], in: folder)
        #expect(try first.finish().status == 0)
        second.send(SIGKILL)
        _ = try second.finish()
        try Self.expectWhole(folder)
      }
      // A writer that must not replace anything does not replace the file of another.
      unlink(folder.appending(path: "out.h5").path)
      let both = try (0..<2).map { _ in try Command.start(Self.convert, in: folder) }
      let results = try both.map { try $0.finish() }
      #expect(results.map(\.status).sorted() == [0, 1])
      #expect(
        results.map(\.errors).contains(
          "weft: error: out.h5: file exists; name another output, or add --overwrite\n"))
      try Self.expectWhole(folder)
      #expect(try Self.names(folder) == ["big.csv", "out.h5"])
    }
  }

  @Test(arguments: [SIGINT, SIGTERM, SIGHUP, SIGKILL]) func aSignalLeavesNothing(_ signal: Int32) throws {
    try Self.withTable { folder in
      for delay in [30_000, 60_000, 90_000] as [UInt32] {
        let writer = try Command.start(Self.convert, in: folder)
        usleep(delay)
        writer.send(signal)
        let status = try writer.finish().status
        #expect(status == signal || status == 0)
        let names = try Self.names(folder)
        #expect(names == (status == 0 ? ["big.csv", "out.h5"] : ["big.csv"]))
        unlink(folder.appending(path: "out.h5").path)
      }
    }
  }

  /// On file systems where every file has a name.
  @Test func temporaryNamesGoToo() throws {
    try Self.withTable { folder in
      let convert = "$WEFT \(Self.convert.joined(separator: " "))"
      let result = try Command.shell(
        """
        export WEFT_UNNAMED_FILES=off
        set -m
        for signal in INT TERM HUP KILL; do
          \(convert) & process=$!
          for i in $(seq 1000); do [ -e out.h5.*.partial ] && break; sleep 0.005; done
          kill -$signal $process; wait $process; echo "$signal $?" $(ls)
        done
        \(convert) > /dev/null; echo "then $?" $(ls)
        """, in: folder)
      let lines = result.output.split(separator: "\n").map(String.init)
      #expect(lines.count == 5)
      #expect(
        lines.prefix(3) == ["INT 130 big.csv", "TERM 143 big.csv", "HUP 129 big.csv"], "\(lines)")
      #expect(lines[3].wholeMatch(of: /KILL 137 big\.csv out\.h5\.[-0-9a-f]+\.partial/) != nil, "\(lines)")
      #expect(lines[4] == "then 0 big.csv out.h5", "\(lines)")
    }
  }

  @Test(arguments: [4, 16, 64]) func aLimitOnTheSizeOfFilesIsOneLine(_ blocks: Int) throws {
    try Self.withTable { folder in
      let result = try Command.shell(
        "ulimit -f \(blocks); exec $WEFT \(Self.convert.joined(separator: " ")) --compression none",
        in: folder)
      #expect(result.status == 1)
      #expect(
        result.errors.hasPrefix("weft: error: out.h5: ")
          && result.errors.hasSuffix(": cannot write: the file would grow past its size limit\n"))
      #expect(result.errors.split(separator: "\n").count == 1)
      #expect(try Self.names(folder) == ["big.csv"])
    }
  }

  @Test func symbolicLinksAreNotFollowed() throws {
    try SmallRun.withFolder { folder in
      try Data("precious".utf8).write(to: folder.appending(path: "victim"))
      #expect(try Command.run("train", "small.yaml", "--output", "run", in: folder).status == 0)
      _ = try Command.shell(
        "for name in run.lock report.html report.html.partial; do ln -s ../victim run/$name; done", in: folder
      )
      let train = try Command.run("train", "small.yaml", "--output", "run", "--resume", in: folder)
      #expect(train.status == 1)
      #expect(train.errors == "weft: error: run/run.lock: is a symbolic link; remove it\n")
      #expect(try Command.run("report", "run", "--no-samples", in: folder).status == 0)
      #expect(try SmallRun.contents(folder, "victim") == Data("precious".utf8))
      #expect(try SmallRun.contents(folder, "run/report.html").count > 1000)
    }
  }

  @Test func aRunAtWorkKeepsItsFiles() throws {
    try SmallRun.withFolder { folder in
      #expect(try Command.run("train", "small.yaml", "--output", "done", in: folder).status == 0)
      #expect(try Command.run("export", "done", "--to", "onnx", "model.onnx", in: folder).status == 0)
      let run = try SurvivalRun(in: folder)
      let training = try Command.start(
        ["train", "small.yaml", "--output", "run", "--set", "training.steps=100000000"], in: folder)
      defer {
        training.send(SIGKILL)
        _ = try? training.finish()
      }
      for _ in 0..<10_000 where try run.checkpoints("run").isEmpty { usleep(1000) }
      let imported = try Command.run("import", "model.onnx", "--output", "run", in: folder)
      #expect(imported.status == 1)
      #expect(
        imported.errors.hasPrefix("weft: error: run: in use by another run (process \(training.identifier) "))
      for arguments in [
        ["export", "done", "--to", "pytorch", "--overwrite", "run/best.h5"],
        ["data", "convert", "text.h5", "--overwrite", "--output", "run/checkpoint-000000005.h5"],
        ["report", "done", "--no-samples", "--output", "run/metrics.jsonl"],
      ] {
        let result = try Command.run(arguments, in: folder)
        #expect(
          result.status == 1 && result.errors.contains(": belongs to a run that is at work; "),
          "\(result.errors)")
      }
      #expect(training.isRunning)
      #expect(try Command.run("inspect", "run", in: folder).status == 0)
    }
  }

  /// The library for HDF5 crashed on full disks: in the call that wrote, when the file was closed, or at the end.
  @Test(.enabled(if: DiskTests.canMount, "nothing can be mounted here")) func aFullDiskIsOneLine() throws {
    try SmallRun.withFolder { folder in
      #expect(try Command.run("train", "small.yaml", "--output", "ref", in: folder).status == 0)
      let commands = [
        "data table big.csv --inputs a,b --compression none --output disk/out.h5",
        "data convert text.h5 --output disk/out.h5", "data merge text.h5 text.h5 --output disk/out.h5",
        "data split series.h5 --fractions 0.5,0.5 --output disk/out.h5",
        "export ref --to keras disk/out.h5", "export ref --to pytorch disk/out.h5",
        "export ref --to safetensors disk/out.safetensors", "export ref --to onnx disk/out.onnx",
        "report ref --no-samples --output disk/out.html", "train small.yaml --output disk/run",
      ]
      let lines = (0..<20_000).map { "\($0),\($0 * $0)\n" }
      try Data(("a,b\n" + lines.joined()).utf8).write(to: folder.appending(path: "big.csv"))
      #expect(
        try Command.run(
          "data", "table", "big.csv", "--inputs", "a,b", "--window", "20", "-o", "series.h5", in: folder
        )
        .status == 0)
      let result = try Command.shell(
        """
        export SWIFT_BACKTRACE=enable=no
        mkdir disk
        unshare -m bash -c '
        while read -r command; do
          for size in 4 12 32 80; do
            mount -t tmpfs -o size=${size}k none disk
            $WEFT $command > output 2> errors < /dev/null
            echo "$? $(grep -c "weft: error" errors) $(find disk -type f | wc -l) $size $command"
            umount disk
          done
        done' << end
        \(commands.joined(separator: "\n"))
        end
        """, in: folder)
      let outcomes = result.output.split(separator: "\n")
      #expect(outcomes.count == 4 * commands.count)
      var failures = 0
      for outcome in outcomes {
        let isRun = outcome.hasSuffix("disk/run")
        if outcome.hasPrefix("1 1 ") {
          failures += 1
          #expect(isRun || outcome.hasPrefix("1 1 0 "), "\(outcome)")
        } else {
          #expect(outcome.hasPrefix("0 0 "), "\(outcome)")
        }
      }
      #expect(failures > 15)
    }
  }
}
