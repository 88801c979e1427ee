import Foundation
import Testing

/// The logs of a run that a power failure damaged, before it is resumed; and links in their place.
@Suite struct DamagedLogTests {
  private static func withRun(_ body: (URL) throws -> Void) throws {
    try SmallRun.withFolder { folder in
      #expect(try Command.run("train", "small.yaml", "--output", "run", in: folder).status == 0)
      try body(folder)
    }
  }

  private static let logs = ["metrics.jsonl", "times.jsonl", "gradients.jsonl"]

  private static func append(_ bytes: [UInt8], to name: String, in folder: URL) throws {
    let file = try FileHandle(forWritingTo: folder.appending(path: "run/\(name)"))
    try file.seekToEnd()
    try file.write(contentsOf: Data(bytes))
    try file.close()
  }

  @Test(arguments: [
    [UInt8](repeating: 0, count: 4096), [0, 0, 10, 0, 10, 123], [0xFF, 0xC3, 10], Array("{\"step\":9\n".utf8),
    Array("{\"step\":9,\"ep".utf8),
  ]) func whatIsGoodIsShown(_ tail: [UInt8]) throws {
    try Self.withRun { folder in
      let views = [
        ["watch", "run", "--once"], ["report", "run", "--no-samples"], ["inspect", "run", "--gradients"],
      ]
      let before = try views.map { try Command.run($0, in: folder) }
      let page = try SmallRun.contents(folder, "run/report.html")
      for log in Self.logs { try Self.append(tail, to: log, in: folder) }
      for (view, expected) in zip(views, before) {
        let result = try Command.run(view, in: folder)
        #expect(result.status == 0 && result.output == expected.output, "\(view): \(result.errors)")
        let notes = result.errors.split(separator: "\n")
        #expect(notes.count == (view[0] == "report" ? 3 : 1))
        #expect(
          notes.allSatisfy { $0.hasPrefix("weft: note: run/") && $0.hasSuffix(" left out") }, "\(notes)")
      }
      let damaged = try SmallRun.contents(folder, "run/report.html")
      #expect(damaged.count > page.count && damaged.count < page.count + 1000, "the notes, and nothing else")
      // A resumed run removes what is damaged, and says so only if records are lost.
      let resumed = try Command.run(
        "train", "small.yaml", "--output", "run", "--resume", "--set", "training.steps=16", in: folder)
      #expect(resumed.status == 0 && !resumed.errors.contains("note"), "\(resumed.errors)")
      for view in views { #expect(try Command.run(view, in: folder).errors.isEmpty) }
    }
  }

  @Test func aLogWithoutAnyRecordHidesNoOther() throws {
    try Self.withRun { folder in
      for log in Self.logs.dropFirst() {
        try Data([0, 0, 10]).write(to: folder.appending(path: "run/\(log)"))
      }
      let result = try Command.run("report", "run", "--no-samples", in: folder)
      #expect(result.status == 0)
      #expect(
        result.errors
          == "weft: note: run/times.jsonl:1: not a record of times\nweft: note: run/gradients.jsonl:1: not a record of gradients\n"
      )
      #expect(try Command.run("watch", "run", "--once", in: folder).status == 0)
    }
  }

  @Test(arguments: logs) func aResumedRunFollowsNoLink(_ log: String) throws {
    try Self.withRun { folder in
      let before = try SmallRun.contents(folder, "run/\(log)")
      let result = try Command.shell(
        """
        mv run/\(log) victim; ln -s ../victim run/\(log)
        exec $WEFT train small.yaml --output run --resume --set training.steps=16
        """, in: folder)
      #expect(result.status == 1)
      #expect(result.errors == "weft: error: run/\(log): is a symbolic link; remove it\n")
      #expect(try SmallRun.contents(folder, "victim") == before)
    }
  }

  /// Neither the files that links lead to nor those of a backup made of hard links change.
  @Test func otherNamesOfTheFilesKeepTheirContents() throws {
    try Self.withRun { folder in
      let result = try Command.shell(
        """
        cp -al run backup; cp -a run copy
        for file in run/events.out.tfevents.*; do mv $file events; ln -s ../events $file; cp events events.copy; done
        $WEFT train small.yaml --output run --resume --set training.steps=16 && diff -r backup copy && cmp events events.copy
        """, in: folder)
      #expect(result.status == 0, "\(result.output)\(result.errors)")
      #expect(try Command.run("inspect", "run", in: folder).output.hasPrefix("run: at step 16\n"))
    }
  }
}
