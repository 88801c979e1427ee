#if os(Linux)
  import Foundation
  import Testing

  /// `kill -9` at any moment costs nothing but the steps since the last checkpoint.
  ///
  /// `WEFT_KILLS` sets the number of kills; `make survival` uses a hundred.
  @Suite struct KillTests {
    private static let kills = Int(ProcessInfo.processInfo.environment["WEFT_KILLS"] ?? "") ?? 12

    /// Results for the report.
    private struct Count {
      var kills = 0
      var whileWriting = 0
      var partial = 0
      var beforeAnyCheckpoint = 0
      var read = 0
      var runs = 0
    }

    @Test func killedRunsEndAsUndisturbedOnes() throws {
      var generator = SystemRandomNumberGenerator()
      var count = Count()
      try SmallRun.withFolder { folder in
        let run = try SurvivalRun(in: folder)
        let python = try PythonReader()
        while count.kills < Self.kills {
          let name = "run\(count.runs)"
          count.runs += 1
          while count.kills < Self.kills, try killOnce(run, name, &count, python, &generator) {}
          let last = try run.start(name, "--resume").finish()
          #expect(last.status == 0)
          try run.expectSame(name)
        }
        let witness = python == nil ? "Weft alone (no h5py; set WEFT_PYTHON to one that has it)" : "h5py"
        print(
          "survived \(count.kills) kills of \(count.runs) runs: \(count.whileWriting) soon after the writing of a"
            + " checkpoint, the others at random moments; \(count.partial) left a temporary name,"
            + " \(count.beforeAnyCheckpoint) came before the first checkpoint; \(count.read) checkpoints read by"
            + " \(witness)")
      }
      #expect(count.whileWriting > 0, "no kill met a checkpoint being written")
    }

    /// Starts or resumes the run and kills it; false if it ended first.
    private func killOnce(
      _ run: SurvivalRun, _ name: String, _ count: inout Count, _ python: PythonReader?,
      _ generator: inout SystemRandomNumberGenerator
    ) throws -> Bool {
      let folder = run.folder.appending(path: name)
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      let watch = FolderWatch(folder)
      let hunts = Bool.random(using: &generator)
      let training = try run.start(
        name, "--resume", "--threads", "\(Int.random(in: 1...3, using: &generator))")
      if hunts {
        // The run writes one after the other, each of which takes less than three milliseconds.
        let met = watch.wait(
          for: ".h5", count: .random(in: 1...25, using: &generator), milliseconds: 60_000,
          isOver: { !training.isRunning })
        if met { usleep(.random(in: 0...3000, using: &generator)) }
      } else {
        usleep(.random(in: 0...500_000, using: &generator))
      }
      training.send(SIGKILL)
      let result = try training.finish()
      if result.status == 0 { return false }
      #expect(result.status == SIGKILL, "\(result.errors)")
      count.kills += 1
      if hunts { count.whileWriting += 1 }
      if try run.hasPartialFile(name) { count.partial += 1 }
      let checkpoints = try run.checkpoints(name)
      if checkpoints.isEmpty { count.beforeAnyCheckpoint += 1 }
      for checkpoint in checkpoints {
        expectIntact(checkpoint)
        if let python { #expect(python.read(checkpoint).hasPrefix("step ")) }
        count.read += 1
      }
      return true
    }
  }
#endif
