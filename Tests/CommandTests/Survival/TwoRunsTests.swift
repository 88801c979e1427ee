import Foundation
import Testing

/// One run per folder.
@Suite struct TwoRunsTests {
  @Test func theSecondIsRefusedAndTheFirstGoesOn() throws {
    try SmallRun.withFolder { folder in
      let run = try SurvivalRun(in: folder)
      let first = try Command.start(
        ["train", "small.yaml", "--output", "run", "--set", "training.steps=100000000"], in: folder)
      for _ in 0..<10_000 where try run.checkpoints("run").isEmpty { usleep(1000) }
      for more in [[], ["--resume"]] {
        let second = try Command.run(["train", "small.yaml", "--output", "run"] + more, in: folder)
        #expect(second.status == 1)
        let host = ProcessInfo.processInfo.hostName
        #expect(
          second.errors
            == "weft: error: run: in use by another run (process \(first.identifier) on \(host)); wait until"
            + " it ends, stop it, or name another --output\n")
      }
      #expect(first.isRunning)
      // The lock is released with its process; the file stays.
      first.send(SIGKILL)
      #expect(try first.finish().status == SIGKILL)
      #expect(FileManager.default.fileExists(atPath: folder.appending(path: "run/run.lock").path))
      let resumed = try Command.run(
        "train", "small.yaml", "--output", "run", "--resume", "--set", "training.steps=1", in: folder)
      #expect(resumed.status == 0)
      #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "run/run.lock").path))
    }
  }
}
