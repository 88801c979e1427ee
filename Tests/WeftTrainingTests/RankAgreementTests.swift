import HDF5
import TestSupport
import Testing

@testable import WeftBase
@testable import WeftParallel
@testable import WeftTasks
@testable import WeftTraining

/// Ranks that were started differently are refused by all, before the first step.
@Suite struct RankAgreementTests {
  /// The error of each of three ranks, of which `rank` has the changes; empty for none.
  private static func errors(
    _ run: TrainingRun, changing rank: Int, resume: Bool = false,
    _ change: @escaping @Sendable (inout Configuration) -> Void = { _ in }
  ) throws -> [String] {
    try ThreadRanks.run(3) {
      [configuration = run.configuration, output = run.folder.file("run")] ranks -> String in
      var own = configuration
      if ranks.rank == rank { change(&own) }
      do throws(WeftError) {
        let trainer = try Trainer(
          own, output: output, threads: 1, resume: resume && ranks.rank == rank, ranks: ranks,
          onNote: { _ in })
        try trainer.run()
      } catch { return "\(error.kind): \(error.message)" }
      return ""
    }
  }

  private static func run() throws -> TrainingRun {
    try TrainingRun(.mean) { $0.training.lanes = 4 }
  }

  @Test(arguments: [0, 1, 2]) func anotherConfiguration(_ rank: Int) throws {
    let changes: [(String, @Sendable (inout Configuration) -> Void)] = [
      ("training.seed", { $0.training.seed += 1 }), ("model.hidden", { $0.model.hidden += 1 }),
      ("training.steps", { $0.training.steps = 3 }), ("training.keep", { $0.training.keep += 1 }),
      ("training.checkpoint_every", { $0.training.checkpointEvery = 7 }),
    ]
    for (key, change) in changes {
      let run = try Self.run()
      let errors = try Self.errors(run, changing: rank, change)
      // Compared with rank 0, all others differ if it has the change.
      #expect(errors[0].hasPrefix("usage: rank \(max(rank, 1)): \(key) is "), "\(errors[0])")
      #expect(errors.allSatisfy { $0 == errors[0] })
      #expect(RunFolder(run.folder.file("run")).checkpoints.isEmpty)
    }
  }

  @Test func anotherOption() throws {
    let errors = try Self.errors(try Self.run(), changing: 2, resume: true)
    #expect(
      errors[0] == "usage: rank 2: has --resume, but rank 0 has no options; start all ranks with the same"
        + " program, configuration and options")
    #expect(errors.allSatisfy { $0 == errors[0] })
  }

  @Test(arguments: [false, true]) func aCopyOfTheData(_ differs: Bool) throws {
    let run = try Self.run()
    let copy = run.folder.file("copy.h5")
    try SmallTask.mean.write(to: copy)
    if differs {
      let file = try File(opening: copy, mode: .readWrite)
      var values = try file.dataset("train/targets").read(as: Float.self)
      values[0] += 1
      try file.dataset("train/targets").write(values)
      try file.close()
    }
    let errors = try Self.errors(run, changing: 1) { $0.data.file = copy }
    let expected =
      differs ? "data: rank 1: \(copy): differs from the data of rank 0; give all ranks the same data" : ""
    #expect(errors == [expected, expected, expected])
  }
}
