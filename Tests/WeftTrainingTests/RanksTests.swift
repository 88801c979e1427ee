import Foundation
import HDF5
import TestSupport
import Testing

@testable import WeftBase
@testable import WeftData
@testable import WeftParallel
@testable import WeftTasks
@testable import WeftTraining

/// Several processes that train together have the result of a single one. Here they are threads that exchange messages;
/// MPI itself is tested with the program.
@Suite("Ranks") struct RanksTests {
  /// Everything that affects computation, with a number of lanes that is not a multiple of the ranks.
  private static func run(
    _ task: SmallTask, change: (inout Configuration) -> Void = { _ in }
  ) throws -> TrainingRun {
    try TrainingRun(task) {
      $0.training.lanes = 5
      $0.training.averageDecay = 0.9
      $0.training.clipNorm = 0.5
      $0.training.gradientFlowEvery = 4
      $0.training.logEvery = 1
      $0.model.layers = task == .memory ? 1 : 2
      $0.model.hidden = 40
      $0.model.dropout = 0.2
      $0.optimizer.kind = .adamw
      change(&$0)
    }
  }

  /// The output of a run.
  private struct Trace: Equatable {
    let arrays: [String: Checkpoint.Array]
    let state: TrainingState
    let files: [String]

    init(_ run: TrainingRun, _ name: String) throws {
      let folder = RunFolder(run.folder.file(name))
      let checkpoint = try Checkpoint(reading: try #require(folder.checkpoints.first))
      arrays = checkpoint.arrays
      state = checkpoint.state
      files = try [folder.metrics, folder.gradients].map { try String(contentsOfFile: $0, encoding: .utf8) }
    }
  }

  @Test("Every kind of data", arguments: SmallTask.allCases) func tasks(_ task: SmallTask) throws {
    let run = try Self.run(task)
    try run.finish("whole")
    let whole = try Trace(run, "whole")
    #expect(whole.files[1].contains("layer0"))
    for (ranks, threads) in [(2, 1), (2, 2), (3, 1), (4, 2), (5, 1)] {
      let name = "\(ranks)x\(threads)"
      try run.train(name, ranks: ranks, threads: threads)
      let trace = try Trace(run, name)
      #expect(trace.state == whole.state, "\(name)")
      #expect(trace.files == whole.files, "\(name)")
      for (array, values) in whole.arrays { #expect(trace.arrays[array] == values, "\(name) \(array)") }
    }
  }

  @Test("A checkpoint of one layout is resumed in another", arguments: [SmallTask.text, .pairs, .mean])
  func resumption(_ task: SmallTask) throws {
    let run = try Self.run(task)
    try run.finish("whole")
    for (index, (ranks, threads)) in [(2, 1), (1, 2), (3, 1), (4, 1)].enumerated() {
      let step = [2, 5, 8, nil][index]
      try run.train("parts", ranks: ranks, threads: threads, resume: index > 0, until: step)
    }
    #expect(try Trace(run, "parts") == Trace(run, "whole"))
  }

  @Test("Rows of unequal lengths and last minibatches that leave ranks without rows")
  func fewRows() throws {
    let run = try Self.run(.signs) {
      $0.training.batch = 23
      $0.training.lanes = 8
    }
    try run.finish("whole")
    for ranks in [4, 8] {
      try run.train("\(ranks)", ranks: ranks, threads: 1)
      #expect(try Trace(run, "\(ranks)") == Trace(run, "whole"), "\(ranks) ranks")
    }
  }

  @Test("Each rank holds a slice of the optimizer's state") func shards() throws {
    let run = try Self.run(.mean) { $0.model.hidden = 100 }
    let counts = try ThreadRanks.run(4) { [configuration = run.configuration] ranks in
      let loop = try TrainingLoop(configuration, threads: 1, ranks: ranks)
      return loop.optimizer.tensors.map(\.tensor.matrix.columns)
    }
    let whole = try TrainingLoop(run.configuration, threads: 1).model.layout.count
    #expect(counts[0].count == 3)
    for tensor in 0..<3 {
      let columns = counts.map { $0[tensor] }
      #expect(columns.reduce(0, +) == whole)
      #expect(columns.allSatisfy { abs($0 - whole / 4) <= 4 * Slices.block })
    }
  }

  @Test("Each rank reads its own rows", arguments: SmallTask.allCases) func reading(_ task: SmallTask)
    throws
  {
    let run = try Self.run(task)
    let dataset = try DatasetFile(run.configuration)
    let whole = try dataset.batches(split: "train", shuffles: true)
    let task = try TrainingLoop(run.configuration, threads: 1).task
    func count(_ batch: Minibatch) -> Int { task.model.targetCount(of: batch, loss: task.loss) }
    for ranks in [2, 3, 5] {
      let lanes = LanePlan(lanes: run.configuration.training.lanes, workers: ranks)
      let shares = lanes.ranges.map { RowShare(lanes: lanes.lanes, own: $0) }
      let parts = try shares.map { try dataset.batches(split: "train", shuffles: true, share: $0) }
      for index in 0..<whole.batchesPerEpoch {
        let batch = try whole.batch(epoch: 1, index: index)
        let own = try parts.map { try $0.batch(epoch: 1, index: index) }
        #expect(own.allSatisfy { $0.lengths == batch.lengths && $0.continues == batch.continues })
        #expect(own.map(count).reduce(0, +) == count(batch))
        #expect(own.map(\.byteCount).reduce(0, +) == batch.byteCount)
        #expect(own.allSatisfy { $0.steps == batch.steps })
      }
    }
  }

  @Test("A rank that cannot read ends all ranks with one message, after a checkpoint") func badData() throws {
    let run = try Self.run(.text) {
      $0.training.batch = 4
      $0.training.lanes = 4
      $0.data.window = 3
    }
    // A token outside the vocabulary, in the third row of a later minibatch.
    let file = try File(opening: run.configuration.data.file, mode: .readWrite)
    var tokens = try file.dataset("train/tokens").read(as: UInt8.self)
    tokens[2 * (tokens.count / 4) + 20] = 77
    try file.put("train/tokens", tokens)
    try file.close()
    let messages = try ThreadRanks.run(2) {
      [configuration = run.configuration, output = run.folder.file("run")] ranks -> String in
      do throws(WeftError) {
        let trainer = try Trainer(
          configuration, output: output, threads: 1, resume: false, ranks: ranks,
          onNote: { _ in })
        // Rank 0 would find the fault before rank 1 reads it.
        trainer.checksAhead = false
        try trainer.run()
      } catch { return "\(error.isShared) \(error.message)" }
      return ""
    }
    #expect(messages[0].hasPrefix("true rank 1: \(run.configuration.data.file): "))
    #expect(messages[1] == messages[0])
    let kept = RunFolder(run.folder.file("run")).checkpoints.first
    #expect(kept.map { messages[0].hasSuffix("; the last good checkpoint is \($0)") } == true)
  }

  @Test("A failure of rank 0, and one of all ranks, are reported on all") func failures() throws {
    let run = try Self.run(.mean)
    try run.finish("run")
    let messages = try ThreadRanks.run(3) {
      [configuration = run.configuration, output = run.folder.file("run")] ranks -> [String] in
      var missing = configuration
      missing.data.file = "missing.h5"
      return [configuration, missing].map { (configuration: Configuration) -> String in
        do throws(WeftError) {
          _ = try Trainer(
            configuration, output: output, threads: 1, resume: false, ranks: ranks,
            onNote: { _ in })
        } catch { return error.message }
        return ""
      }
    }
    #expect(messages[0][0].contains("contains a run (at step 13)"))
    #expect(messages[0][1].hasPrefix("missing.h5: "))
    #expect(messages.allSatisfy { $0 == messages[0] })
  }

  @Test("More ranks than lanes are rejected") func tooMany() throws {
    let run = try Self.run(.mean) { $0.training.lanes = 2 }
    let messages = try ThreadRanks.run(3) { [configuration = run.configuration] ranks in
      do throws(WeftError) { _ = try TrainingLoop(configuration, threads: 1, ranks: ranks) } catch {
        return error.message
      }
      return ""
    }
    #expect(
      Set(messages) == [
        "3 ranks exceed training.lanes, 2: start fewer ranks; more lanes would change the result"
      ])
  }

  @Test(
    "A diverging run reports the same on all ranks and rolls back to the same checkpoint",
    arguments: [false, true])
  func divergence(_ rollsBack: Bool) throws {
    let run = try TrainingRun(.mean) {
      $0.model.cell = .gru
      $0.optimizer.kind = .sgd
      $0.optimizer.learningRate = 1e30
      $0.training.evaluateEvery = 4
      $0.training.lanes = 4
      if rollsBack {
        $0.training.onDivergence = .rollback
        $0.training.rollbackFactor = 1e-8
        $0.training.rollbacks = 9
        $0.training.gradientFlowEvery = 3
      }
    }
    let outcomes = try [1, 2, 3].map { count in
      try ThreadRanks.run(count) {
        [configuration = run.configuration, output = run.folder.file("\(count)")] ranks -> [String] in
        let notes = Locked([String]())
        do throws(WeftError) {
          let trainer = try Trainer(
            configuration, output: output, threads: 1, resume: false, ranks: ranks
          ) { note in notes.withLock { $0.append(note) } }
          try trainer.run()
        } catch { notes.withLock { $0.append(error.message) } }
        return notes.withLock { $0 }
      }[0]
    }
    #expect(outcomes[0].first?.contains(" is non-finite at step ") == true)
    #expect(outcomes[1] == outcomes[0])
    #expect(outcomes[2] == outcomes[0])
    if rollsBack {
      #expect(try Trace(run, "2") == Trace(run, "1"))
      #expect(try Trace(run, "3") == Trace(run, "1"))
    }
  }
}

extension TrainingRun {
  /// Trains with several ranks, to the end or to a step at which the last of them is interrupted.
  func train(_ name: String, ranks count: Int, threads: Int, resume: Bool = false, until step: Int? = nil)
    throws
  {
    let (configuration, output) = (configuration, folder.file(name))
    let endings = try ThreadRanks.run(count) { ranks in
      let trainer = try Trainer(
        configuration, output: output, threads: threads, resume: resume, ranks: ranks, onNote: { _ in })
      let ending = try trainer.run(interruption: { ranks.rank == count - 1 && trainer.step == step })
      return (ending, trainer.step)
    }
    let expected = (step == nil ? Trainer.Ending.finished : .interrupted, step ?? 13)
    guard endings.allSatisfy({ $0 == expected }) else {
      throw WeftError.failure("the run was to end with \(expected), not with \(endings)")
    }
  }
}
