import Foundation
import Testing

/// A full disk, an unwritable folder, an unreadable file: one line, and nothing lost.
@Suite struct DiskTests {
  /// Whether file systems can be mounted here, in a separate namespace.
  static let canMount =
    (try? Command.shell("unshare -m mount -t tmpfs none /mnt", in: Command.packageFolder).status == 0)
    ?? false
  /// Runs a program as an unprivileged user, because root may do anything.
  static let asNobody = getuid() == 0 ? "setpriv --reuid=65534 --regid=65534 --clear-groups " : ""
  static let canBeNobody =
    (try? Command.shell("\(asNobody)$WEFT --version", in: Command.packageFolder).status == 0) ?? false

  /// A file that must not exceed a limit, which the system reports like a full disk during writing.
  @Test func aCheckpointThatDoesNotFitLeavesTheLastOne() throws {
    try SmallRun.withFolder { folder in
      let run = try SurvivalRun(in: folder, steps: 40)
      let first = try Command.shell(
        "$WEFT \(run.arguments.joined(separator: " ")) --output run --set training.steps=20", in: folder)
      #expect(first.status == 0)
      let before = try SmallRun.contents(folder, "run/checkpoint-000000020.h5")
      let result = try Command.shell(
        "ulimit -f 16; exec $WEFT \(run.arguments.joined(separator: " ")) --output run --resume", in: folder)
      #expect(result.status == 1)
      let error = try #require(result.errors.split(separator: "\n").last)
      #expect(error.hasPrefix("weft: error: run/"))
      #expect(
        error.contains(": the file would grow past its size limit; ") || error.contains(": File too large; "))
      #expect(error.hasSuffix("; the last good checkpoint is run/checkpoint-000000020.h5"))
      #expect(try SmallRun.contents(folder, "run/checkpoint-000000020.h5") == before)
      #expect(try !run.hasPartialFile("run"))
      #expect(try run.start("run", "--resume").finish().status == 0)
      try run.expectSame("run")
    }
  }

  @Test(.enabled(if: canMount, "nothing can be mounted here"))
  func aFullDiskLeavesTheLastCheckpoint() throws {
    try SmallRun.withFolder { folder in
      let run = try SurvivalRun(in: folder)
      let train = "$WEFT \(run.arguments.joined(separator: " ")) --output run"
      // The disk disappears with its namespace, so everything is one script.
      let result = try Command.shell(
        """
        mkdir run copy
        unshare -m bash -c '
        mount -t tmpfs -o size=256k none run
        \(train) --keep 99 2> errors; echo "status $?"
        ls run
        $WEFT inspect run; echo "status $?"
        mount -o remount,size=64m none run
        \(train) --resume 2>> errors; echo "status $?"
        cp run/* copy'
        """, in: folder)
      let errors = try String(decoding: SmallRun.contents(folder, "errors"), as: UTF8.self)
      let error = try #require(errors.split(separator: "\n").first { $0.hasPrefix("weft: error: ") })
      #expect(error.contains("the disk is full; ") || error.contains("No space left on device; "))
      #expect(error.contains("; the last good checkpoint is run/checkpoint-0"))
      let parts = result.output.split(separator: "status ").drop { !$0.prefix(1).allSatisfy(\.isNumber) }
      #expect(parts.map { $0.prefix(1) } == ["1", "0", "0"], "\(result.output)")
      #expect(!result.output.contains(".partial") && !result.output.contains("DAMAGED"))
      #expect(result.output.contains("run: finished at step 120"))
      try run.expectSame("copy")
    }
  }

  @Test(.enabled(if: canMount, "nothing can be mounted here")) func aReadOnlyDiskIsOneLine() throws {
    try SmallRun.withFolder { folder in
      let result = try Command.shell(
        """
        mkdir run
        unshare -m bash -c 'mount -t tmpfs none run; mount -o remount,ro none run
        exec $WEFT train small.yaml --output run'
        """, in: folder)
      #expect(result.status == 1)
      #expect(result.errors == "weft: error: run/run.lock: cannot be written: Read-only file system\n")
    }
  }

  @Test(.enabled(if: canBeNobody, "the program cannot be run as a user without privileges"))
  func missingPermissionsAreOneLine() throws {
    try SmallRun.withFolder { folder in
      #expect(try Command.run("train", "small.yaml", "--output", "run", in: folder).status == 0)
      let before = try SmallRun.contents(folder, "run/checkpoint-000000012.h5")
      func train(_ arguments: String) throws -> Command.Result {
        try Command.shell("\(Self.asNobody)$WEFT train small.yaml \(arguments)", in: folder)
      }
      _ = try Command.shell("chmod 755 . run; chmod 555 run", in: folder)
      let folderResult = try train("--output run --resume --set training.steps=20")
      #expect(folderResult.status == 1)
      #expect(folderResult.errors == "weft: error: run/run.lock: cannot be written: Permission denied\n")
      let newResult = try train("--output run/inner")
      #expect(newResult.status == 1)
      #expect(newResult.errors == "weft: error: run/inner: cannot be created: Permission denied\n")
      #expect(try SmallRun.contents(folder, "run/checkpoint-000000012.h5") == before)

      _ = try Command.shell("chmod 777 .; chmod 000 text.h5", in: folder)
      let dataResult = try train("--output other")
      #expect(dataResult.status == 1)
      #expect(dataResult.errors == "weft: error: text.h5: cannot open: permission denied\n")
      _ = try Command.shell("chmod -R u+rwX .", in: folder)
    }
  }
}
