import Foundation
import HDF5
import TestSupport
import Testing

@testable import WeftCommand

/// Extreme numbers, control characters and files that never end, as users meet them.
@Suite struct HostileInputTests {
  /// Runs that end in one line, within limits that a trap, a loop or a greedy reader would exceed.
  private func expectLine(
    _ arguments: [String], status: Int32, in folder: URL, _ complaint: String = "",
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let result = try Command.shell(
      "\(Sanitizer.limit(kilobytes: 4_000_000)); export SWIFT_BACKTRACE=enable=no; timeout -s KILL 60 \"$WEFT\" "
        + arguments.map { "'\($0)'" }.joined(separator: " ") + " </dev/null", in: folder)
    #expect(result.status == status, "\(arguments): \(result.errors)", sourceLocation: sourceLocation)
    #expect(
      complaint.isEmpty || result.errors.contains(complaint), "\(result.errors)",
      sourceLocation: sourceLocation)
    let lines = result.errors.split(separator: "\n").count { $0.hasPrefix("weft: error: ") }
    #expect(lines == (status == 0 ? 0 : 1), sourceLocation: sourceLocation)
    #expect(!(result.errors + result.output).contains("\u{1B}"), sourceLocation: sourceLocation)
  }

  // MARK: - Numbers

  @Test(arguments: ["9223372036854775807", "-9223372036854775808", "2147483648"])
  func optionsAreLimited(_ number: String) throws {
    try TemporaryFolder.use { folder in
      try Data("a\n1\n2\n".utf8).write(to: folder.appending(path: "t.csv"))
      for arguments in [
        ["data", "table", "t.csv", "--inputs", "a", "--output", "o.h5", "--window=\(number)"],
        ["data", "table", "t.csv", "--inputs", "a", "--output", "o.h5", "--chunk=\(number)"],
        ["bench", "layer", "--hidden=\(number)"], ["generate", "none", "--top-k=\(number)"],
        ["detect", "none", "--smoothing=\(number)"], ["forecast", "none", "--horizon=\(number)"],
        ["evaluate", "none", "--threads=\(number)"],
      ] { try expectLine(arguments, status: 2, in: folder, "at ") }
    }
  }

  @Test func theLargestOptionsEnd() throws {
    try TemporaryFolder.use { folder in
      try Data("a\n1\n2\n".utf8).write(to: folder.appending(path: "t.csv"))
      let table = ["data", "table", "t.csv", "--inputs", "a", "--output", "o.h5", "--overwrite"]
      for option in ["--window=2147483647", "--chunk=2147483647"] {
        let result = try Command.run(table + [option], in: folder)
        #expect([0, 1].contains(result.status), "\(option): \(result.errors)")
      }
      try expectLine(
        [
          "bench", "layer", "--hidden=2147483647", "--input=2147483647", "--batch=2147483647",
          "--steps=2147483647",
        ],
        status: 2, in: folder, "memory")
    }
  }

  /// Metrics, times and events of a run, as a stranger may send them.
  @Test func logsWithExtremeNumbers() throws {
    try SmallRun.withFolder { folder in
      #expect(try Command.run("train", "small.yaml", "--output", "run", in: folder).status == 0)
      func write(_ lines: String, to name: String) throws {
        try Data(lines.utf8).write(to: folder.appending(path: "run/\(name)"))
      }
      let losses = ["1e308", "-1e308", "5e-324", "0", "1.7976931348623157e308"]
      try write(
        losses.enumerated().map {
          "{\"step\":\($0 + 1),\"epoch\":1,\"split\":\"\\u001b[31mx\",\"loss\":\($1)}\n"
        }.joined(),
        to: "metrics.jsonl")
      try write(
        "{\"step\":1,\"time_steps\":1,\"seconds\":9e18}\n{\"step\":2,\"time_steps\":9007199254740992,\"seconds\":9e18}\n",
        to: "times.jsonl")
      for arguments in [["watch", "run", "--once"], ["report", "run", "--no-samples"]] {
        try expectLine(arguments, status: 0, in: folder)
      }
      try write("{\"step\":1,\"epoch\":1,\"split\":\"train\",\"loss\":5e-324}\n", to: "metrics.jsonl")
      try expectLine(["watch", "run", "--once"], status: 0, in: folder)
      for step in ["9223372036854775807", "-9223372036854775808", "1e300", "1.5", "-1"] {
        try write("{\"step\":\(step),\"epoch\":1,\"split\":\"train\",\"loss\":1}\n", to: "metrics.jsonl")
        try expectLine(
          ["watch", "run", "--once"], status: 1, in: folder, "run/metrics.jsonl:1: not a record of metrics")
        try expectLine(["report", "run", "--no-samples"], status: 1, in: folder)
      }
    }
  }

  @Test func eventsAndCheckpointsOfTheLastNumber() throws {
    try SmallRun.withFolder { folder in
      #expect(try Command.run("train", "small.yaml", "--output", "run", in: folder).status == 0)
      for name in ["events.out.tfevents.9223372036854775807.x", "checkpoint-9223372036854775807.h5"] {
        try Data().write(to: folder.appending(path: "run/\(name)"))
      }
      try expectLine(
        ["train", "small.yaml", "--output", "run", "--resume", "--set", "training.steps=16"], status: 0,
        in: folder)
    }
  }

  @Test(arguments: [
    ("step", -1), ("step", Int.max), ("epoch", .max), ("batch", -1), ("batch", 1 << 30), ("loss_count", .max),
    ("best_step", .min), ("schedule_reductions", .max), ("schedule_stalled", -5),
    ("evaluations_without_improvement", .max), ("scheduled_step", .min), ("outputs", .max),
    ("input_tokens", .max),
  ]) func checkpointsWithExtremeNumbers(_ attribute: String, _ value: Int) throws {
    try SmallRun.withFolder { folder in
      #expect(try Command.run("train", "small.yaml", "--output", "run", in: folder).status == 0)
      let path = folder.appending(path: "run/best.h5").path
      for name in try FileManager.default.contentsOfDirectory(atPath: folder.appending(path: "run").path)
      where name.hasPrefix("checkpoint-") {
        try FileManager.default.removeItem(at: folder.appending(path: "run/\(name)"))
      }
      let file = try File(opening: path, mode: .readWrite)
      try file.attributes.set(attribute, to: value)
      try file.close()
      try expectLine(
        ["train", "small.yaml", "--output", "run", "--resume", "--set", "training.steps=16"], status: 1,
        in: folder)
      if attribute != "batch" { try expectLine(["generate", path, "--length", "3"], status: 1, in: folder) }
    }
  }

  // MARK: - Files that never end

  @Test func onlyFilesAreRead() throws {
    try SmallRun.withFolder { folder in
      #expect(mkfifo(folder.appending(path: "pipe").path, 0o600) == 0)
      for path in ["pipe", "/dev/zero", "."] {
        for arguments in [
          ["train", path, "--output", "r"], ["import", path, "--output", "i"],
          ["inspect", path == "." ? "pipe" : path],
          ["data", "table", path, "--inputs", "a", "--output", "o.h5"],
          ["data", "numpy", path, "--output", "o.h5"],
          ["data", "ts", path, "--output", "o.h5"], ["data", "text", path, "--output", "o.h5"],
          ["data", "audio", path == "." ? "pipe" : path, "--output", "o.h5"],
        ] { try expectLine(arguments, status: 1, in: folder) }
      }
    }
  }

  @Test func configurationsThatStandForMore() throws {
    try SmallRun.withFolder { folder in
      func expect(_ text: String, _ complaint: String) throws {
        try Data(text.utf8).write(to: folder.appending(path: "c.yaml"))
        try expectLine(["train", "c.yaml", "--output", "r"], status: 1, in: folder, complaint)
      }
      let levels = (1...9).map { level in
        "a\(level): &a\(level) [" + (0..<9).map { _ in "*a\(level - 1)" }.joined(separator: ", ") + "]\n"
      }
      let bomb = "a0: &a0 [x]\n" + levels.joined()
      try expect(bomb, "more than 8 aliases")
      try expect(bomb + "? *a9\n: 1\n", "more than 8 aliases")
      try expect("? [&a [x,x,x], &b [*a,*a,*a], &c [*b,*b,*b], *c, *c]\n: 1\n", "c.yaml:1")
      try expect(String(repeating: "# comment\n", count: 2_000_000), "exceeds")
      try expect(String(repeating: "[", count: 1_000_000), "c.yaml")
      try expect(String(repeating: "- ", count: 500_000), "c.yaml")
      try expect(String(repeating: "k", count: 1_000_000) + ": 1\n", "c.yaml:1")
      try expect("data: {file: \"a\u{1B}[31mb\"}\n", "")
    }
  }

  @Test func tablesOfManyColumns() throws {
    try TemporaryFolder.use { folder in
      let count = 100_000
      let names = (0..<count).map { "c\($0)" }.joined(separator: ",")
      let values = String(repeating: "1,", count: count)
      try Data("\(names),a\n\(values)1\n\(values)2\n".utf8).write(to: folder.appending(path: "t.csv"))
      let table = ["data", "table", "t.csv", "--output", "o.h5", "--overwrite", "--inputs"]
      try expectLine(table + ["a"], status: 0, in: folder)
      try expectLine(table + ["c100001"], status: 2, in: folder)
      try Data(String(repeating: ",", count: 3_000_000).utf8).write(to: folder.appending(path: "t.csv"))
      try expectLine(table + ["a"], status: 1, in: folder, "record exceeds")
    }
  }

  // MARK: - Control characters

  @Test func errorsArePrintableAndShort() throws {
    try TemporaryFolder.use { folder in
      let name = String(repeating: "\u{1B}]0;x\u{7}\u{9B}\u{202E}", count: 5000)
      try Data("@problemName x\n@classLabel true a\n@data\n1:\(name)\n".utf8)
        .write(to: folder.appending(path: "e_TRAIN.ts"))
      let result = try Command.run("data", "ts", "e_TRAIN.ts", "--output", "e.h5", in: folder)
      #expect(result.status == 1)
      #expect(
        result.errors.hasPrefix(
          "weft: error: e_TRAIN.ts: line 4: its class '\\u{1B}]0;x\\u{7}\\u{9B}\\u{202E}"))
      #expect(result.errors.utf8.count < 5000)
      #expect(
        result.errors.dropLast().unicodeScalars.allSatisfy { $0.properties.generalCategory != .control })
    }
  }

  @Test func reportsArePrintable() throws {
    try TemporaryFolder.use { folder in
      let hostile = "\u{1B}[31m\u{9B}\u{7F}\u{202E}\nname"
      let file = try File(creating: folder.appending(path: "d.h5").path)
      try file.write("vocabulary", [hostile, "b"])
      try file.attributes.set("unit", to: "word")
      try file.attributes.set("remark\u{1B}", to: hostile)
      try file.createGroup("train")
      try file.write("train/tokens", (0..<40).map { UInt8($0 % 2) })
      try file.close()
      for arguments in [
        ["inspect", "d.h5"], ["inspect", "d.h5", "--json"], ["data", "describe", "d.h5"],
        ["data", "describe", "d.h5", "--json"],
      ] {
        let result = try Command.run(arguments, in: folder)
        #expect(result.status == 0, "\(result.errors)")
        let controls = result.output.unicodeScalars.filter {
          $0 != "\n" && ($0.properties.generalCategory == .control || $0.value == 0x202E)
        }
        #expect(controls.isEmpty, "\(arguments): \(controls)")
      }
    }
  }

  @Test func generatedTextOnATerminalIsPrintable() {
    let text = "\u{1B}[2Jline\n\tnext\u{9B}"
    #expect(OutputText.shown(text, onTerminal: true) == "\\u{1B}[2Jline\n\tnext\\u{9B}")
    #expect(OutputText.shown(text, onTerminal: false) == text)
  }
}
