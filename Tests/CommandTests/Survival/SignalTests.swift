import Foundation
import Testing

/// Signals end a run with a checkpoint, or at once, and cost nothing either way.
@Suite struct SignalTests {
  /// Sends signals to a started run; repeats with another one if they came too late.
  ///
  /// - Returns: The run's folder and its outcome.
  private static func interrupt(
    _ run: SurvivalRun, with signals: [Int32]
  ) throws -> (name: String, result: Command.Result) {
    for attempt in 0..<20 {
      let name = "run\(attempt)"
      let training = try run.start(name)
      while training.isRunning, try run.checkpoints(name).isEmpty { usleep(500) }
      for signal in signals { training.send(signal) }
      let result = try training.finish()
      if result.status != 0 { return (name, result) }
    }
    throw CancellationError()
  }

  @Test(arguments: [(SIGINT, Int32(130)), (SIGTERM, Int32(143)), (SIGHUP, Int32(129))])
  func theFirstSignalSavesACheckpoint(_ signal: Int32, _ status: Int32) throws {
    try SmallRun.withFolder { folder in
      let run = try SurvivalRun(in: folder)
      let (name, result) = try Self.interrupt(run, with: [signal])
      #expect(result.status == status)
      let step = try #require(result.output.firstMatch(of: /: interrupted at step (\d+)/)?.output.1)
      #expect(result.output.hasSuffix("; continue with --resume\n"))
      let inspected = try Command.run("inspect", name, in: folder)
      #expect(inspected.output.hasPrefix("\(name): at step \(step)\n"))
      #expect(try run.start(name, "--resume").finish().status == 0)
      try run.expectSame(name)
    }
  }

  @Test func theSecondSignalEndsAtOnceAndLosesNothingWritten() throws {
    try SmallRun.withFolder { folder in
      let run = try SurvivalRun(in: folder)
      let (name, result) = try Self.interrupt(run, with: [SIGINT, SIGTERM])
      #expect([130, 143].contains(result.status))
      for checkpoint in try run.checkpoints(name) { expectIntact(checkpoint) }
      #expect(try run.start(name, "--resume").finish().status == 0)
      try run.expectSame(name)
    }
  }

  /// `weft train … 2>&1 | head -1`, or a closed terminal.
  @Test func aReaderThatWentAwayDoesNotEndTheRun() throws {
    try SmallRun.withFolder { folder in
      let result = try Command.shell(
        "( trap '' HUP; $WEFT train small.yaml --output run --set training.steps=300; echo $? > status ) 2>&1 | head -1",
        in: folder)
      #expect(result.output.hasPrefix("text.h5: a stream of 200 steps "))
      for _ in 0..<3000 where (try? SmallRun.contents(folder, "status"))?.isEmpty ?? true { usleep(10_000) }
      #expect(try SmallRun.contents(folder, "status") == Data("0\n".utf8))
      #expect(try Command.run("inspect", "run", in: folder).output.hasPrefix("run: at step 300\n"))
    }
  }
}
