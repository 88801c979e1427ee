import Foundation
import HDF5
import MPI
import Testing
import WeftBase

/// `mpirun weft train` has exactly the result of `weft train` without a launcher, or reports the failure.
@Suite(.enabled(if: MPIRun.program != nil, Comment(rawValue: MPIRun.absence)), .serialized)
struct MPITests {
  @Test(arguments: MPIRun.working, [(1, 2), (2, 1), (2, 2), (3, 1), (4, 1)])
  func everyShapeLeavesTheFilesOfOneProcess(_ mpi: MPIImplementation, _ shape: (Int, Int)) throws {
    let (ranks, threads) = shape
    try SmallRun.withFolder { folder in
      let run = try SurvivalRun(in: folder, steps: 12)
      let result = try MPIRun.run(
        ranks, run.arguments + ["--output", "run", "--threads", "\(threads)"], over: mpi, in: folder)
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.output.contains("\nrun: finished at step 12, best validation loss "))
      #expect(result.output.split(separator: "\n").count == 2, "rank 0 alone speaks")
      #expect(result.errors.split(separator: "\n").count { $0.hasPrefix("step ") } == 12)
      try run.expectSame("run")
    }
  }

  @Test func aCheckpointOfOneShapeGoesOnInAnother() throws {
    try SmallRun.withFolder { folder in
      let run = try SurvivalRun(in: folder, steps: 12)
      for (steps, ranks) in [(3, 2), (5, 3), (8, 1), (12, 4)] {
        // Only weights are compared: a shorter run has an additional evaluation at its end.
        let result = try MPIRun.run(
          ranks, run.arguments + ["--output", "run", "--resume", "--set", "training.steps=\(steps)"],
          over: steps % 2 == 0 ? .openMPI : MPIRun.working.last ?? .openMPI, in: folder)
        #expect(result.status == 0, "\(result.errors)")
      }
      let inspected = try Command.run("inspect", "run", in: folder)
      #expect(inspected.output.hasPrefix("run: at step 12\n"))
      let whole = try weights(folder, "undisturbed", step: 12)
      #expect(try weights(folder, "run", step: 12) == whole && !whole.isEmpty)
    }
  }

  /// The weights and moments of a run's checkpoint.
  private func weights(_ folder: URL, _ name: String, step: Int) throws -> [String: [Float]] {
    let checkpoint = String(format: "\(name)/checkpoint-%09d.h5", step)
    let file = try File(opening: folder.appending(path: checkpoint).path)
    var arrays: [String: [Float]] = [:]
    try file.root.visit { visit in
      guard visit.child.isDataset, ["/weights", "/optimiz"].contains(visit.child.path.prefix(8)) else {
        return
      }
      arrays[visit.child.path] = try file.dataset(visit.child.path).read(as: Float.self)
    }
    return arrays
  }

  @Test func aDeadRankEndsTheRunAndAnyNumberResumes() throws {
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
        #expect(ContinuousClock.now - start < .seconds(10))
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

  /// Open MPI's launcher passes USR1 on, and ends with the status of the ranks. It answers TERM by ending them, which it
  /// tells them some seconds before, and its status is 1.
  @Test(arguments: [(SIGTERM, Int32(1)), (SIGUSR1, 128 + SIGUSR1)])
  func aSignalToTheLauncherSavesACheckpoint(_ signal: Int32, _ status: Int32) throws {
    try expectCheckpoint(
      at: signal, over: .openMPI,
      options: signal == SIGTERM ? ["--mca", "odls_base_sigkill_timeout", "4"] : [], status: status)
  }

  /// MPICH's passes both on; its own status is that of the ranks or, now and then, 0.
  @Test(.enabled(if: MPIRun.working.contains(.mpich), MPIRun.deafness), arguments: [SIGTERM, SIGUSR1])
  func aSignalToTheLauncherOfMPICHSavesACheckpoint(_ signal: Int32) throws {
    try expectCheckpoint(at: signal, over: .mpich, options: [], status: nil)
  }

  private func expectCheckpoint(
    at signal: Int32, over mpi: MPIImplementation, options: [String], status: Int32?
  ) throws {
    try SmallRun.withFolder { folder in
      // It ends at the signal, without a time limit; only the signal makes a checkpoint.
      let training = try MPIRun.start(
        2, steps(1_000_000) + ["--set", "training.checkpoint_every=1000000", "--output", "run"],
        over: mpi, options: options, in: folder)
      while training.isRunning, metricsByteCount(folder, "run") == 0 { usleep(500) }
      let start = ContinuousClock.now
      training.send(signal)
      let result = try training.finish()
      if let status { #expect(result.status == status, "\(result.errors)") }
      #expect(ContinuousClock.now - start < .seconds(signal == SIGTERM ? 20 : 10))
      // The last line says the same, but a launcher that was told to end does not always pass it on.
      let inspected = try Command.run("inspect", "run", in: folder).output
      let step = try #require(
        inspected.firstMatch(of: /^run: at step (\d+)\n/).flatMap { Int($0.output.1) }, "\(inspected)")
      if let told = result.output.firstMatch(of: /run: interrupted at step (\d+)/) {
        #expect(Int(told.output.1) == step)
      }

      let resumed = try MPIRun.run(3, steps(step + 3) + ["--output", "run", "--resume"], in: folder)
      #expect(resumed.status == 0, "\(resumed.errors)")
      #expect(try Command.run(steps(step + 3) + ["--output", "whole"], in: folder).status == 0)
      let whole = try weights(folder, "whole", step: step + 3)
      #expect(try weights(folder, "run", step: step + 3) == whole && !whole.isEmpty)
    }
  }

  private func steps(_ count: Int) -> [String] {
    ["train", "small.yaml", "--set", "training.steps=\(count)"]
  }

  private func metricsByteCount(_ folder: URL, _ name: String) -> Int {
    (try? Data(contentsOf: folder.appending(path: "\(name)/metrics.jsonl")))?.count ?? 0
  }

  @Test(arguments: MPIRun.working)
  func aRankThatCannotReadEndsTheRunWithOneMessage(_ mpi: MPIImplementation) throws {
    try SmallRun.withFolder { folder in
      // A token outside the vocabulary, in the rows of rank 1.
      let file = try File(opening: folder.appending(path: "text.h5").path, mode: .readWrite)
      let dataset = try file.dataset("train/tokens")
      var tokens = try dataset.read(as: UInt8.self)
      tokens[2 * (tokens.count / 4) + 12] = 99
      try dataset.write(tokens)
      try file.close()
      let start = ContinuousClock.now
      let result = try MPIRun.run(2, ["train", "small.yaml", "--output", "run"], over: mpi, in: folder)
      #expect(ContinuousClock.now - start < .seconds(30))
      #expect(result.status == 1)
      let errors = MPIRun.errors(result)
      #expect(errors.count == 1, "\(errors)")
      // Rank 0 may find the fault in the background before rank 1 reads it.
      #expect(errors.first?.hasPrefix("weft: error: rank ") == true, "\(errors)")
      #expect(errors.first?.contains("text.h5: dataset /train/tokens: token ") == true, "\(errors)")
      #expect(
        errors.first?.contains("; the last good checkpoint is run/checkpoint-00000000") == true
          || errors.first?.hasSuffix("; there is no checkpoint yet") == true, "\(errors)")
    }
  }

  @Test func aRankWithoutMemoryEndsTheRunWithItsNumber() throws {
    try SmallRun.withFolder { folder in
      // 75 MB of parameters, and several times as much for training.
      let program = try #require(MPIRun.program)
      let train =
        "\(program.path) train small.yaml --output run --threads 1 --set model.hidden=2500"
        + " --set model.initialization=glorot"
      let start = ContinuousClock.now
      let result = try Command.start(
        MPIRun.launcher() + [
          "-n", "1", "bash", "-c", "exec \(train)", ":", "-n", "1", "bash", "-c",
          "ulimit -v 540000; exec \(train)",
        ], program: URL(filePath: "/usr/bin/env"), in: folder
      ).finish()
      #expect(ContinuousClock.now - start < .seconds(30))
      #expect(result.status != 0)
      let errors = MPIRun.errors(result)
      #expect(errors.count == 1, "\(result.errors)")
      #expect(
        errors.first?.contains(/rank 1 on [^ ]+: out of memory \(\d+ MiB requested\)/) == true, "\(errors)"
      )
    }
  }

  @Test(arguments: MPIRun.working) func usageIsToldOnce(_ mpi: MPIImplementation) throws {
    try SmallRun.withFolder { folder in
      for arguments in [["train", "small.yaml", "--thread", "1"], ["train", "missing.yaml"]] {
        let result = try MPIRun.run(3, arguments, over: mpi, in: folder)
        #expect(result.status != 0)
        #expect(MPIRun.errors(result).count == 1, "\(result.errors)")
      }
      let many = try MPIRun.run(5, ["train", "small.yaml", "--output", "run"], over: mpi, in: folder)
      #expect(many.status == 2)
      #expect(
        MPIRun.errors(many) == [
          "weft: error: 5 ranks exceed training.lanes, 4: start fewer ranks; more lanes would change the"
            + " result"
        ])
    }
  }

  @Test func benchMeasuresWhatRanksTakeBesideItsSimulation() throws {
    try SmallRun.withFolder { folder in
      let launcher = MPIRun.launcher().joined(separator: " ")
      let result = try Command.start(
        [
          "bench", "scaling", "small.yaml", "--ranks", "1,2,3", "--launcher", launcher, "--steps", "3",
          "--rounds", "1", "--latency", "3", "--bandwidth", "10", "--json",
        ], program: try #require(MPIRun.program), in: folder
      ).finish()
      #expect(result.status == 0, "\(result.errors)")
      let report = try #require(
        try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
      let measured = try #require(report["measured"] as? [[String: Any]])
      #expect(measured.map { $0["ranks"] as? Int } == [1, 2, 3])
      for point in measured {
        for part in ["", "compute_", "update_", "modelled_", "simulated_", "overlapped_"] {
          let key = part + (part == "compute_" || part == "update_" ? "seconds" : "seconds_per_step")
          #expect(try #require(point[key] as? Double, "\(key)") > 0, "\(key)")
        }
      }
      let links = measured.compactMap { $0["link"] as? [String: Double] }
      #expect(links.count == 2 && links.allSatisfy { $0.values.allSatisfy { $0 > 0 } })
      let projection = try #require(report["projection"] as? [[String: Any]])
      #expect(projection.map { $0["ranks"] as? Int } == [1, 2, 3, 4])
    }
  }
}
