import Foundation
import HDF5
import Testing

/// `mpirun weft train` does what `weft train` of the program without MPI does, to the bit, or says what failed.
@Suite(.enabled(if: MPIRun.program != nil, Comment(rawValue: MPIRun.absence)), .serialized)
struct MPITests {
  @Test(arguments: [(1, 2), (2, 1), (2, 2), (3, 1), (4, 1)])
  func everyShapeLeavesTheFilesOfOneProcess(_ ranks: Int, _ threads: Int) throws {
    try SmallRun.withFolder { folder in
      let run = try SurvivalRun(in: folder, steps: 12)
      let result = try MPIRun.run(
        ranks, run.arguments + ["--output", "run", "--threads", "\(threads)"], in: folder)
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.output.hasPrefix("run: finished at step 12, best validation loss "))
      #expect(result.output.split(separator: "\n").count == 1, "rank 0 alone speaks")
      #expect(result.errors.split(separator: "\n").count { $0.hasPrefix("step ") } == 12)
      try run.expectSame("run")
    }
  }

  @Test func aCheckpointOfOneShapeGoesOnInAnother() throws {
    try SmallRun.withFolder { folder in
      let run = try SurvivalRun(in: folder, steps: 12)
      for (steps, ranks) in [(3, 2), (5, 3), (8, 1), (12, 4)] {
        // Weights alone are compared below: a shorter run evaluates at its end, where a longer one does not.
        let result = try MPIRun.run(
          ranks, run.arguments + ["--output", "run", "--resume", "--set", "training.steps=\(steps)"],
          in: folder)
        #expect(result.status == 0, "\(result.errors)")
      }
      let inspected = try Command.run("inspect", "run", in: folder)
      #expect(inspected.output.hasPrefix("run: at step 12\n"))
      let whole = try weights(folder, "undisturbed")
      #expect(try weights(folder, "run") == whole && !whole.isEmpty)
    }
  }

  /// The weights and moments of a run's last checkpoint.
  private func weights(_ folder: URL, _ name: String) throws -> [String: [Float]] {
    let file = try File(opening: folder.appending(path: "\(name)/checkpoint-000000012.h5").path)
    var arrays: [String: [Float]] = [:]
    try file.root.visit { visit in
      guard visit.child.isDataset, ["/weights", "/optimiz"].contains(visit.child.path.prefix(8)) else {
        return
      }
      arrays[visit.child.path] = try file.dataset(visit.child.path).read(as: Float.self)
    }
    return arrays
  }

  @Test func aRankThatDiesEndsTheJobAndAnyNumberGoesOn() throws {
    try SmallRun.withFolder { folder in
      let run = try SurvivalRun(in: folder, steps: 150)
      for ranks in [2, 3] {
        let name = "run\(ranks)"
        let training = try MPIRun.start(ranks, run.arguments + ["--output", name], in: folder)
        while training.isRunning, try run.checkpoints(name).isEmpty { usleep(500) }
        let processes = try MPIRun.ranks(of: name)
        #expect(processes.count == ranks)
        let start = ContinuousClock.now
        kill(try #require(processes.last), SIGKILL)
        let result = try training.finish()
        #expect(ContinuousClock.now - start < .seconds(20))
        #expect(result.status != 0)
        #expect(
          result.errors.contains(/process rank \d .*on node .* exited on\s+signal 9/), "\(result.errors)")
        #expect(try MPIRun.ranks(of: name).isEmpty)
        let resumed = try MPIRun.run(5 - ranks, run.arguments + ["--output", name, "--resume"], in: folder)
        #expect(resumed.status == 0, "\(resumed.errors)")
        try run.expectSame(name)
      }
    }
  }

  /// The status is the launcher's: Open MPI's is 1 after SIGTERM, whatever its ranks end with.
  @Test(arguments: [SIGTERM, SIGUSR1]) func aSignalToTheLauncherSavesACheckpoint(_ signal: Int32) throws {
    try SmallRun.withFolder { folder in
      let run = try SurvivalRun(in: folder, steps: 300)
      let training = try MPIRun.start(2, run.arguments + ["--output", "run"], in: folder)
      while training.isRunning, try run.checkpoints("run").isEmpty { usleep(500) }
      training.send(signal)
      let result = try training.finish()
      #expect(result.status != 0)
      let step = try #require(result.output.firstMatch(of: /run: interrupted at step (\d+)/)?.output.1)
      let inspected = try Command.run("inspect", "run", in: folder)
      #expect(inspected.output.hasPrefix("run: at step \(step)\n"))
      #expect(try MPIRun.run(3, run.arguments + ["--output", "run", "--resume"], in: folder).status == 0)
      try run.expectSame("run")
    }
  }

  @Test func aRankThatCannotReadEndsTheJobWithOneMessage() throws {
    try SmallRun.withFolder { folder in
      // A token that the vocabulary has not, among the rows of rank 1.
      let file = try File(opening: folder.appending(path: "text.h5").path, mode: .readWrite)
      let dataset = try file.dataset("train/tokens")
      var tokens = try dataset.read(as: UInt8.self)
      tokens[2 * (tokens.count / 4) + 12] = 99
      try dataset.write(tokens)
      try file.close()
      let start = ContinuousClock.now
      let result = try MPIRun.run(2, ["train", "small.yaml", "--output", "run"], in: folder)
      #expect(ContinuousClock.now - start < .seconds(30))
      #expect(result.status == 1)
      let errors = MPIRun.errors(result)
      #expect(errors.count == 1, "\(errors)")
      #expect(errors.first?.hasPrefix("weft: error: rank 1: ") == true, "\(errors)")
      #expect(errors.first?.contains("text.h5: dataset /train/tokens: ") == true, "\(errors)")
      #expect(
        errors.first?.hasSuffix("; the last good checkpoint is run/checkpoint-000000002.h5") == true,
        "\(errors)")
    }
  }

  @Test func aRankWithoutMemoryEndsTheJobWithItsNumber() throws {
    try SmallRun.withFolder { folder in
      let program = try #require(MPIRun.program)
      let train = "\(program.path) train small.yaml --output run --threads 1 --set model.hidden=2500"
      let start = ContinuousClock.now
      let result = try Command.start(
        ["mpirun"] + MPIRun.options + [
          "-n", "1", "bash", "-c", "exec \(train)", ":", "-n", "1", "bash", "-c",
          "ulimit -v 900000; exec \(train)",
        ], program: URL(filePath: "/usr/bin/env"), in: folder
      ).finish()
      #expect(ContinuousClock.now - start < .seconds(60))
      #expect(result.status != 0)
      let errors = MPIRun.errors(result)
      #expect(errors.count == 1, "\(result.errors)")
      #expect(
        errors.first?.contains(/rank 1 on [^ ]+: there is no memory for another \d+ MiB/) == true, "\(errors)"
      )
    }
  }

  @Test func usageIsToldOnce() throws {
    try SmallRun.withFolder { folder in
      for arguments in [["train", "small.yaml", "--thread", "1"], ["train", "missing.yaml"]] {
        let result = try MPIRun.run(3, arguments, in: folder)
        #expect(result.status != 0)
        #expect(MPIRun.errors(result).count == 1, "\(result.errors)")
      }
      let many = try MPIRun.run(5, ["train", "small.yaml", "--output", "run"], in: folder)
      #expect(many.status == 2)
      #expect(
        MPIRun.errors(many) == [
          "weft: error: there are 5 ranks, more than training.lanes, 4: start fewer; more lanes are another result"
        ])
    }
  }

  @Test func aProgramWithoutMPIRefusesToBeStartedTwice() throws {
    try SmallRun.withFolder { folder in
      let result = try Command.start(
        ["mpirun"] + MPIRun.options + [
          "-n", "2", Command.program.path, "train", "small.yaml", "--output", "run",
        ],
        program: URL(filePath: "/usr/bin/env"), in: folder
      ).finish()
      #expect(result.status == 2)
      #expect(
        MPIRun.errors(result) == [
          "weft: error: 2 processes were started, but this weft was built without MPI; build it with --traits MPI"
        ])
    }
  }
}
